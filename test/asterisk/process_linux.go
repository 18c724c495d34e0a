package asterisk

import "syscall"

// dieWithParent makes the kernel kill a child whose parent is gone.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// processIsGone tells whether there is no process of that id.
func processIsGone(pid int) bool { return syscall.Kill(pid, 0) == syscall.ESRCH }

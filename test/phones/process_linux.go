package phones

import "syscall"

// diesWithTest makes the kernel kill a child whose parent is gone.
func diesWithTest() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

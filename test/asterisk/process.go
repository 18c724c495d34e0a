package asterisk

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
)

// process is an Asterisk that was started. It may end by itself.
type process struct {
	*os.Process
	// ended is closed when the process is gone and waited for.
	ended chan struct{}
	// result is valid after ended is closed.
	result error
}

// startProcess starts Asterisk in the system under root, with the configuration
// file at the path config in there.
//
// It runs in a mount namespace of its own, for the /proc that a system wants to
// have: that way no mount is left behind. Every command in the chain replaces the
// one before, so that the process started here is Asterisk.
func startProcess(root, config string, output io.Writer) (*process, error) {
	command := exec.Command("unshare", "--mount", "sh", "-c",
		`mount -t proc proc "$0/proc" && exec chroot "$0" asterisk -f -C "$1"`, root, config)
	command.Stdout = output
	command.Stderr = output
	command.SysProcAttr = dieWithParent()

	p := &process{ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel kills the child when the thread that started it ends, and the
		// Go runtime ends threads as it likes. A locked one stays, and ends with
		// this goroutine.
		runtime.LockOSThread()
		err := command.Start()
		p.Process = command.Process
		started <- err
		if err != nil {
			return
		}
		p.result = command.Wait()
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start asterisk: %w", err)
	}
	return p, nil
}

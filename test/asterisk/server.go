package asterisk

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

const (
	// startTimeout is far above the half a second that a start takes.
	startTimeout = 60 * time.Second
	// stopTimeout is for a graceful stop, which takes less than a second.
	stopTimeout = 20 * time.Second
)

// Server is an Asterisk of one test.
//
// Its methods that start and stop it fail the test when they cannot, and are for
// the goroutine of the test; CLI is for any.
type Server struct {
	// Version is the major version, one of Versions.
	Version string

	// The addresses are of the form host:port, on loopback, and stay the same
	// over Kill, Stop and Restart.

	// AMIAddress is the manager's, TCP.
	AMIAddress string
	// HTTPAddress is that of the manager over HTTP: /rawman, /manager and /mxml.
	HTTPAddress string
	// SIPAddress is PJSIP's, UDP and TCP.
	SIPAddress string

	// Username and Secret are of a manager user that may read and write all.
	Username, Secret string
	// LimitedUsername and LimitedSecret are of one that reads call and user and
	// writes call and originate.
	LimitedUsername, LimitedSecret string

	users     []User
	endpoints []string // the names of the PJSIP endpoints
	tb        testing.TB
	root      string // the chroot
	folder    string // the instance's folder, as Asterisk sees it

	// current is never nil once Start has returned.
	current *process
}

// Start starts an Asterisk of that version and returns when it is fully booted.
// It ends with the test. Where none is installed, the test is skipped, or fails
// if ASTPROXY_REQUIRE_ASTERISK is 1.
func Start(tb testing.TB, version string) *Server {
	tb.Helper()
	root := installation(tb, version)
	removeLeftovers(root)

	config := &configuration{Users: users(), Endpoints: endpoints()}
	for _, port := range []*int{&config.AMIPort, &config.HTTPPort, &config.SIPPort, &config.OldSIPPort, &config.IAXPort} {
		reserved, err := reservePort()
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(reserved.release)
		*port = reserved.port
	}
	folder, err := makeFolder(root)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			tb.Error(err)
		}
	})
	config.Folder = path.Join("/run", filepath.Base(folder))
	if err := config.write(folder); err != nil {
		tb.Fatal(err)
	}

	s := &Server{
		Version:         version,
		AMIAddress:      loopback(config.AMIPort),
		HTTPAddress:     loopback(config.HTTPPort),
		SIPAddress:      loopback(config.SIPPort),
		Username:        config.Users[0].Name,
		Secret:          config.Users[0].Secret,
		LimitedUsername: config.Users[1].Name,
		LimitedSecret:   config.Users[1].Secret,
		users:           config.Users,
		endpoints:       config.Endpoints,
		tb:              tb,
		root:            root,
		folder:          config.Folder,
	}
	tb.Cleanup(s.cleanUp)
	s.boot()
	return s
}

// PID returns the process id of the Asterisk that runs, or ran last.
func (s *Server) PID() int { return s.current.Pid }

// Kill ends the Asterisk as a crash does, by SIGKILL, and returns when it is
// gone. It does nothing to one that does not run.
func (s *Server) Kill() {
	_ = s.current.Kill() // an error means that it has ended already
	<-s.current.ended
}

// Stop ends the Asterisk in order, as `core stop now` does: the calls are hung up,
// the manager's sessions are told with an event Shutdown. It returns when the
// Asterisk is gone and does nothing to one that does not run.
func (s *Server) Stop() {
	s.tb.Helper()
	_ = s.current.Signal(syscall.SIGTERM) // an error means that it has ended already
	select {
	case <-s.current.ended:
	case <-time.After(stopTimeout):
		s.Kill()
		s.tb.Errorf("asterisk %s did not stop within %v and was killed", s.Version, stopTimeout)
	}
}

// Restart starts the Asterisk again, with the same ports, configuration and
// database, and returns when it is fully booted. One that still runs is stopped
// before.
func (s *Server) Restart() {
	s.tb.Helper()
	s.Stop()
	s.boot()
}

// CLI runs a command of Asterisk's command line and returns its output.
func (s *Server) CLI(command string) string {
	s.tb.Helper()
	output, err := exec.Command("chroot", s.root, "asterisk", "-C", s.configFile(), "-rx", command).CombinedOutput()
	if err != nil {
		s.tb.Errorf("asterisk %s: %s: %v: %s", s.Version, command, err, output)
	}
	return string(output)
}

// Folder returns the folder that is this Asterisk's own, as Asterisk sees it.
func (s *Server) Folder() string { return s.folder }

// Outside returns where a path of the Asterisk's is for the test.
func (s *Server) Outside(path string) string { return filepath.Join(s.root, path) }

func (s *Server) configFile() string { return path.Join(s.folder, "etc", "asterisk.conf") }

// boot starts the process and waits until Asterisk says that it is fully booted.
func (s *Server) boot() {
	s.tb.Helper()
	console, err := os.OpenFile(s.logFile("console"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer console.Close()
	if s.current, err = startProcess(s.root, s.configFile(), console); err != nil {
		s.tb.Fatal(err)
	}
	if err := s.awaitBooted(); err != nil {
		s.tb.Fatalf("asterisk %s: %v", s.Version, err)
	}
}

// awaitBooted logs in again and again until it works, and then waits for the
// event: an Asterisk that is still loading accepts a login before it knows all its
// actions.
func (s *Server) awaitBooted() error {
	deadline := time.After(startTimeout)
	// A look at a port costs next to nothing, and nothing announces it.
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	for {
		manager, err := login(s.AMIAddress, s.Username, s.Secret, startTimeout)
		if err == nil {
			_, err = manager.awaitEvent("FullyBooted")
			manager.Close()
			if err == nil {
				return nil
			}
		}
		select {
		case <-s.current.ended:
			return fmt.Errorf("ended while starting: %w", s.current.result)
		case <-deadline:
			return fmt.Errorf("did not start within %v: %w", startTimeout, err)
		case <-retry.C:
		}
	}
}

// cleanUp ends the Asterisk, and shows what it logged if the test has failed.
func (s *Server) cleanUp() {
	if s.current != nil {
		s.Kill()
	}
	if s.tb.Failed() {
		s.showLogs()
	}
}

package foreign_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/astproxy/astproxy/test/asterisk"
)

// library is a manager client of somebody else.
type library struct {
	name   string
	script string // in testdata
	// programs are those that may run the script; the first that has the library does. Debian's own
	// come first: only they know Debian's packages, whatever else is in the PATH.
	programs []string
	// probe are the arguments that have the program say, by its exit code, whether it has the library.
	probe []string

	// blocking: it reads only while it waits for an answer, or is told to.
	blocking bool
	// ownIDs: it counts its ActionIDs from 1, and takes none.
	ownIDs bool
	// losesLastEmpty: it drops the last header of a message if that is empty. Through the proxy it is shown such
	// a header, as Server comes behind it.
	losesLastEmpty bool
	// reconnects: it connects again when the connection is lost.
	reconnects bool
}

var (
	panoramisk = library{
		name: "panoramisk", script: "client.py",
		programs: []string{"/usr/bin/python3", "python3"}, probe: []string{"-c", "import panoramisk"},
		losesLastEmpty: true, reconnects: true,
	}
	asteriskManager = library{
		name: "asterisk-manager", script: "client.js",
		programs: []string{"node"}, probe: []string{"-e", "require('asterisk-manager')"},
		reconnects: true,
	}
	telephonyAsteriskAMI = library{
		name: "Telephony::Asterisk::AMI", script: "client.pl",
		programs: []string{"/usr/bin/perl", "perl"}, probe: []string{"-MTelephony::Asterisk::AMI", "-MJSON::PP", "-e", "1"},
		blocking: true, ownIDs: true,
	}
)

var libraries = []library{panoramisk, asteriskManager, telephonyAsteriskAMI}

// forEachLibrary runs a test for each.
func forEachLibrary(t *testing.T, test func(*testing.T, library)) {
	for _, l := range libraries {
		t.Run(l.name, func(t *testing.T) { test(t, l) })
	}
}

// command returns the command that runs the script. Where the library is missing, the test is skipped, or fails
// if nothing may be missing.
func (l library) command(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	for _, program := range l.programs {
		if l.inEnvironment(t, exec.Command(program, l.probe...)).Run() == nil {
			script := filepath.Join("testdata", l.script)
			return l.inEnvironment(t, exec.Command(program, append([]string{script}, arguments...)...))
		}
	}
	asterisk.Missing(t, fmt.Errorf("%s is not installed: run sh test/foreign/install.sh as root on Debian", l.name))
	return nil
}

// inEnvironment has node look where install.sh puts what it gets from npm.
func (l library) inEnvironment(t *testing.T, command *exec.Cmd) *exec.Cmd {
	t.Helper()
	cache, err := asterisk.CacheFolder()
	if err != nil {
		t.Fatal(err)
	}
	command.Env = append(command.Environ(), "NODE_PATH="+filepath.Join(cache, "asterisk-manager", "node_modules"))
	return command
}

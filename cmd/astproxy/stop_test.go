package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

var listeningOn = regexp.MustCompile(`url=ami://(\S+)`)

// As `systemctl stop` does it.
func TestSIGTERMSaysGoodbyeToEveryClientAndEndsWithSuccess(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary")
	}
	binary := filepath.Join(t.TempDir(), "astproxy")
	if output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	asterisk := simtest.Start(t, sim.Config{Secret: "hunter2", Username: "astproxy"})
	config := strings.Replace(goodConfig, "127.0.0.1:1", asterisk.Addr(), 1)
	log := newLog()
	command := exec.Command(binary, "-c", writeConfig(t, config+"read = ['all']\nadmin = true\n"))
	command.Stderr = log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	t.Cleanup(func() { command.Process.Kill() })
	log.wait(t, "session is up")
	address := listeningOn.FindStringSubmatch(log.String())[1]

	clients := []*proxytest.Client{proxytest.Dial(t, address), proxytest.Dial(t, address), proxytest.Dial(t, address)}
	for _, c := range clients[:2] {
		c.Login("berta", "change-this-secret")
		c.Settle()
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	go func() { stopped <- command.Wait() }()
	for i, c := range clients {
		all := c.End()
		if i == 2 { // who has not logged in
			if len(all) > 0 {
				t.Errorf("a stranger is told %q", all)
			}
			continue
		}
		if len(all) == 0 || all[len(all)-1].Raw() != "Event: Shutdown\r\nPrivilege: system,all\r\nShutdown: Cleanly\r\nRestart: False\r\n" {
			t.Errorf("client %d is told %q", i, all)
		}
	}
	if err := <-stopped; err != nil {
		t.Errorf("it ends with %v\n%s", err, log)
	}
	if command.ProcessState.ExitCode() != 0 {
		t.Errorf("exit code %d", command.ProcessState.ExitCode())
	}
}

// As `systemctl reload` does it.
func TestSIGHUPReadsTheConfigurationAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary")
	}
	binary := filepath.Join(t.TempDir(), "astproxy")
	if output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	path, log := writeConfig(t, goodConfig), newLog()
	command := exec.Command(binary, "-c", path)
	command.Stderr = log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		_ = command.Wait()
	})
	log.wait(t, "listening")
	address := listeningOn.FindStringSubmatch(log.String())[1]
	if err := os.WriteFile(path, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	hangUp := func() {
		if err := command.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	hangUp()
	log.wait(t, "the old one stays")
	proxytest.Dial(t, address).Login("anna", "hunter2")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(goodConfig, "anna", "carla")), 0o600); err != nil {
		t.Fatal(err)
	}
	hangUp()
	log.wait(t, "the configuration is a new one")
	proxytest.Dial(t, address).Login("carla", "hunter2")
}

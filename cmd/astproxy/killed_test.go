package main

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/sim"
	"github.com/astproxy/astproxy/sim/simtest"
)

// TestSIGKILLLosesNoLogin kills the binary while people log in and out at phones, again and again.
func TestSIGKILLLosesNoLogin(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary")
	}
	binary := filepath.Join(t.TempDir(), "astproxy")
	if output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	asterisk := simtest.Start(t, sim.Config{Secret: "hunter2", Username: "astproxy"})
	config := strings.Replace(goodConfig, "127.0.0.1:1", asterisk.Addr(), 1) + "write = ['all']\nadmin = true\n"
	for i := range 8 {
		config += fmt.Sprintf("[[plugin.hotdesk.user]]\nextension = '%d'\n", 741+i)
	}
	path := writeConfig(t, config)
	told := map[string]string{} // by user, where he was told that he is
	for range 8 {
		log := newLog()
		command := exec.Command(binary, "-c", path)
		command.Stderr = log
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { command.Process.Kill() })
		log.wait(t, "session is up")
		log.wait(t, "sessions read")
		c := proxytest.Dial(t, listeningOn.FindStringSubmatch(log.String())[1])
		c.Login("berta", "change-this-secret", "Events: off")
		for user, device := range told {
			if m := c.Ask("HotdeskStatus", "User: "+user); m.Get("Device") != device {
				t.Errorf("%s was told that he is at %q, and is at %q", user, device, m.Get("Device"))
			}
		}
		logInUntilKilled(t, c, told, 1+rand.IntN(30), func() { command.Process.Kill() })
		_ = command.Wait() // killed
	}
}

// logInUntilKilled logs people in and out at random, and kills the proxy behind so many answers, while it does the next.
// Whose answer did not come may be here or there, and is nowhere in told.
func logInUntilKilled(t *testing.T, c *proxytest.Client, told map[string]string, answers int, kill func()) {
	t.Helper()
	for n := 0; ; n++ {
		user, device := fmt.Sprint(741+rand.IntN(8)), fmt.Sprintf("PJSIP/%d", 101+rand.IntN(10))
		before := told[user]
		delete(told, user)
		if before != "" && n%3 == 2 {
			c.Send("HotdeskLogout", "User: "+user)
			device = ""
		} else {
			// Whoever is there is not any more.
			for other, at := range told {
				if at == device {
					delete(told, other)
				}
			}
			c.Send("HotdeskLogin", "User: "+user, "Device: "+device)
		}
		if n == answers {
			kill()
		}
		m, open := c.ReadOrEnd()
		if !open {
			return
		}
		if m.Response() != "Success" {
			t.Fatalf("the answer is %s", m)
		}
		told[user] = device
	}
}

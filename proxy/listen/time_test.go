package listen_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/astproxy/astproxy/proxy/proxytest"
)

//astproxy:attack
func TestWhoDoesNotLogInInTimeIsDisconnected(t *testing.T) {
	for name, sent := range map[string]string{"nothing": "", "half a block": "Action: Login\r\nUser", "others' actions": proxytest.Block("Ping") + proxytest.Block("Ping")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := startInBubble(t)
				began := time.Now()
				c.SendRaw(sent)
				c.End()
				if took := time.Since(began); took != 30*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

func TestWhoHasLoggedInMayBeSilentForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startInBubble(t)
		c.Login("user", proxytest.Secret)
		time.Sleep(100 * 24 * time.Hour)
		if m := c.Ask("Logoff"); m.Response() != "Goodbye" {
			t.Errorf("the answer is %s", m)
		}
	})
}

func TestAWrongLoginWaitsASecondForItsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startInBubble(t)
		began := time.Now()
		if m := c.Ask("Login", "Username: user", "Secret: wrong"); m.Get("Message") != "Authentication failed" {
			t.Errorf("the answer is %s", m)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestWaitEventEndsInTime(t *testing.T) {
	for timeout, want := range map[string]time.Duration{"5": 5 * time.Second, "0": 0} {
		t.Run(timeout, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := startInBubble(t)
				c.Login("user", proxytest.Secret, "Events: call")
				began := time.Now()
				wantText(t, "the answer", c.Ask("WaitEvent", "Timeout: "+timeout, "ActionID: w"), "Response: Success", "ActionID: w", "Message: Waiting for Event completed.")
				wantText(t, "behind it", c.Read(), "Event: WaitEventComplete", "ActionID: w")
				if took := time.Since(began); took != want {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

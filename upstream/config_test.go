package upstream

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestAConfigurationTellsAllThatIsWrongWithIt(t *testing.T) {
	err := Config{
		Name: "a b", Address: "nowhere", Secret: "x\r\nAction: Reload", ConnectTimeout: -1, LoginTimeout: -1, Keepalive: -1,
		ActionTimeout: -1, BackoffMin: time.Hour, Unanswered: -1, Queue: -1,
	}.Validate()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{
		"name", "address", "username", "secret", "connect timeout", "login timeout", "keepalive", "action timeout",
		"least backoff", "unanswered", "queue",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing about the %s in %q", want, err)
		}
	}
	if strings.Contains(err.Error(), "Reload") {
		t.Error("the error shows the secret")
	}
	if err := (Config{Name: "office", Address: "[::1]:5038", Username: "astproxy"}).Validate(); err != nil {
		t.Errorf("the least configuration: %v", err)
	}
}

func TestASecretIsNeverPrinted(t *testing.T) {
	c := Config{Name: "office", Secret: testSecret}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "secret", c.Secret)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "secret", c.Secret)
	encoded, err := json.Marshal(c) //nolint:staticcheck // TLS is nil
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %s %q %x %v %s %s", c, c, c, c.Secret, c.Secret, c.Secret, &c, log.String(), encoded)
	if strings.Contains(all, testSecret) || strings.Contains(all, fmt.Sprintf("%x", testSecret)) {
		t.Errorf("the secret shows in %s", all)
	}
}

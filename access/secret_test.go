package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const plain = "hunter2"

// A secret is printed by nothing, however it is held and whatever the verb.
//
//astproxy:attack
func TestSecretNeverPrints(t *testing.T) {
	config := UserConfig{Name: "anna", Secret: plain}
	users, err := NewUsers([]UserConfig{config})
	if err != nil {
		t.Fatal(err)
	}
	user, ok := users.Authenticate("anna", plain)
	if !ok {
		t.Fatal("not authenticated")
	}
	held := struct {
		User   *User
		hidden *User
	}{user, user}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%10s"} {
		for _, value := range []any{Secret(plain), []Secret{plain}, config, &config, *user, user, users, held, &held} {
			check(t, fmt.Sprintf(verb, value))
		}
	}

	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("here", "secret", Secret(plain), "config", config, "user", user, "users", users)
	}
	check(t, log.String())
	if !strings.Contains(log.String(), "user=anna") || !strings.Contains(log.String(), hidden) {
		t.Errorf("the log does not say who: %s", log.String())
	}

	encoded, err := json.Marshal(map[string]any{"config": config, "user": user, "secret": Secret(plain)})
	if err != nil {
		t.Fatal(err)
	}
	check(t, string(encoded))
}

func check(t *testing.T, text string) {
	t.Helper()
	for _, form := range []string{plain, fmt.Sprintf("%x", plain), fmt.Sprintf("%X", plain)} {
		if strings.Contains(text, form) {
			t.Errorf("prints the secret: %s", text)
		}
	}
}

func TestSecretSaysThatItIsOne(t *testing.T) {
	for _, text := range []string{
		Secret(plain).String(), Secret(plain).GoString(), fmt.Sprint(Secret(plain)), Secret(plain).LogValue().String(),
	} {
		if text != "(secret)" {
			t.Errorf("got %q", text)
		}
	}
}

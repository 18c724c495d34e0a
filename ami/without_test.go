package ami

import (
	"strings"
	"testing"
)

func TestWithoutLeavesOutEveryHeaderOfAName(t *testing.T) {
	m := Parse("Secret: a\r\nAction: Ping\r\nsecret: b\r\nX-Secret: c\r\n: no name\r\nSECRET:\r\nraw\r\n")
	secret := func(name string) bool { return strings.EqualFold(name, "Secret") }
	if got, want := m.Without(secret).Raw(), "Action: Ping\r\nX-Secret: c\r\n: no name\r\nraw\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Parse("Secret: a\r\n").Without(secret); !got.IsZero() {
		t.Errorf("got %q", got)
	}
	never := func(string) bool { return false }
	if n := testing.AllocsPerRun(10, func() { m.Without(never) }); n > 0 {
		t.Errorf("%v allocations where nothing is left out", n)
	}
}

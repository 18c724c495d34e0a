package app

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"name", "address", "secret", "secret_file", "read", "all"}
	for given, want := range map[string]string{
		"adress":      "address",
		"addrses":     "address", // two neighbours swapped
		"ADDRESS":     "address",
		"secret-file": "secret_file",
		"secrets":     "secret",
		"raed":        "read",
		"write":       "",
		"":            "",
		"x":           "",
		"größe":       "",
	} {
		if got := nearest(given, known); got != want {
			t.Errorf("%s: got %q, want %q", given, got, want)
		}
	}
}

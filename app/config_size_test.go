package app

import "testing"

func TestSize(t *testing.T) {
	for text, want := range map[string]Size{
		"0": 0, "0B": 0, "1": 1, "17B": 17, "1KiB": 1024, "64MiB": 64 << 20, "3 GiB": 3 << 30, "1536KiB": 1536 << 10,
		"9223372036854775807": 1<<63 - 1, "8589934591GiB": 8589934591 << 30,
	} {
		size, err := parseSize(text)
		if err != nil || size != want {
			t.Errorf("%s: got %d, %v", text, size, err)
		}
		if back, err := parseSize(size.String()); err != nil || back != size {
			t.Errorf("%s: written as %s, which is %d, %v", text, size, back, err)
		}
	}
	for _, text := range []string{"", "B", "MiB", "-1", "+1", "1.5MiB", "64MB", "64mib", "1 000", "9223372036854775808", "8589934592GiB"} {
		if size, err := parseSize(text); err == nil {
			t.Errorf("%q: got %d", text, size)
		}
	}
	if got := (64 * MiB).String(); got != "64MiB" {
		t.Errorf("got %s", got)
	}
}

package socket

import (
	"os"
	"testing"
)

// Spoil makes it one that the system cannot send.
func (e *Extent) Spoil(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	e.fd = int(r.Fd())
}

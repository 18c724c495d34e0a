package socket_test

import (
	"bytes"
	"io"
	"net"
	"runtime"
	"testing"

	"github.com/astproxy/astproxy/internal/socket"
)

// text is as much as an Extent has, different from place to place.
func text(seed byte) []byte {
	b := make([]byte, 64<<10)
	for i := range b {
		b[i] = seed + byte(i) + byte(i>>8)
	}
	return b
}

// receive reads as much as want has, and compares.
func receive(t *testing.T, c net.Conn, want []byte) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("what was sent is not what came")
	}
}

func TestAnExtentIsSentFromAnyOffsetWithAndWithoutWaiting(t *testing.T) {
	pages := socket.NewPages(1 << 20)
	defer pages.Close()
	all := text(0)
	e := pages.Copy(all)
	for _, offset := range []int{0, 1, 40000} {
		reads, writes := connected(t)
		w := socket.NewWriter(writes)
		want := all[offset:]
		n, err := w.TrySend(want, e, offset)
		if err != nil {
			t.Fatal(err)
		}
		receive(t, reads, want[:n])
		for rest := want[n:]; len(rest) > 0; rest = rest[n:] {
			var progress bool
			if n, progress, err = w.Send(rest, e, len(all)-len(rest)); n == 0 || !progress || err != nil {
				t.Fatalf("sent %d, %v: %v", n, progress, err)
			}
			receive(t, reads, rest[:n])
		}
		if n, _, err = w.Send(want, e, offset); err != nil {
			t.Fatal(err)
		}
		receive(t, reads, want[:n])
	}
}

func TestASocketThatIsFullTakesNothingOfAnExtent(t *testing.T) {
	pages := socket.NewPages(1 << 20)
	defer pages.Close()
	all := text(1)
	e := pages.Copy(all)
	reads, writes := connected(t)
	w := socket.NewWriter(writes)
	var want []byte
	for {
		n, err := w.TrySend(all, e, 0)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, all[:n]...)
		if n == 0 {
			break
		}
	}
	receive(t, reads, want)
}

func TestPlacesAreUsedAgainAndWhatIsUnderWayStaysAsItWas(t *testing.T) {
	const places = 2
	pages := socket.NewPages(places * 64 << 10)
	defer pages.Close()
	reads, writes := connected(t)
	w := socket.NewWriter(writes)
	var want []byte
	for seed := range byte(3 * places) {
		var e *socket.Extent
		for e = pages.Copy(text(seed)); e == nil; e = pages.Copy(text(seed)) {
			runtime.GC() // gives those back that nobody uses
		}
		n, err := w.TrySend(text(seed), e, 0)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, text(seed)[:n]...)
	}
	if len(want) < 3*64<<10 {
		t.Fatalf("no place was used twice: %d bytes", len(want))
	}
	receive(t, reads, want)
}

func TestWhereTheSystemCannotSendItIsWritten(t *testing.T) {
	pages := socket.NewPages(1 << 20)
	defer pages.Close()
	all := text(2)
	for _, send := range []func(*socket.Writer, *socket.Extent) (int, error){
		func(w *socket.Writer, e *socket.Extent) (int, error) { return w.TrySend(all, e, 0) },
		func(w *socket.Writer, e *socket.Extent) (n int, err error) {
			n, _, err = w.Send(all, e, 0)
			return n, err
		},
	} {
		e := pages.Copy(all)
		e.Spoil(t)
		reads, writes := connected(t)
		n, err := send(socket.NewWriter(writes), e)
		if n == 0 || err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		receive(t, reads, all[:n])
		if pages.Copy(all) != nil {
			t.Error("it is tried again")
		}
		pages = socket.NewPages(1 << 20)
	}
}

func TestPagesThatAreFullOrClosedCopyNothing(t *testing.T) {
	pages := socket.NewPages(64 << 10)
	e := pages.Copy(text(0))
	if e == nil || pages.Copy(text(1)) != nil {
		t.Error("there is not room for one")
	}
	if pages.Copy(make([]byte, 64<<10+1)) != nil {
		t.Error("more is copied than there is room for")
	}
	runtime.KeepAlive(e)
	pages.Close()
	if pages.Copy(text(0)) != nil {
		t.Error("it is copied to what is closed")
	}
}

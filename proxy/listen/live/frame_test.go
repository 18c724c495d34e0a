package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
)

// framed is a message as a view holds it.
func framed(dst []byte, f proxy.Frame, format formats.Format, m ami.Message, o formats.Options) []byte {
	start := len(dst)
	dst = f.Begin(dst, o.Sequence)
	return f.End(format.Append(dst, m, o), start)
}

// readFrames parses frames by the letters of RFC 6455 and returns their payloads.
func readFrames(t *testing.T, bytes []byte) (payloads []string) {
	t.Helper()
	for len(bytes) > 0 {
		if bytes[0] != 0x81 || bytes[1]&0x80 != 0 {
			t.Fatalf("a frame begins with %x", bytes[:2])
		}
		length, bytesOfLength := uint64(bytes[1]), 0
		switch length {
		case 126:
			bytesOfLength = 2
		case 127:
			bytesOfLength = 8
		}
		if bytesOfLength > 0 {
			length = 0
			for _, b := range bytes[2 : 2+bytesOfLength] {
				length = length<<8 | uint64(b)
			}
			if bytesOfLength == 2 && length < 126 || bytesOfLength == 8 && length < 1<<16 {
				t.Errorf("a length of %d in %d bytes", length, bytesOfLength)
			}
		}
		bytes = bytes[2+bytesOfLength:]
		payloads = append(payloads, string(bytes[:length]))
		bytes = bytes[length:]
	}
	return payloads
}

func TestFramesOfAnyLengthStandOneBehindTheOther(t *testing.T) {
	var all []byte
	var want []string
	for _, n := range []int{1, 60, 80, 81, 82, 83, 84, 85, 200, 1000, 65400, 65500, 65501, 65502, 65503, 65504, 65505, 65506, 65507, 70000} {
		m := ami.NewEvent("Length").Add("X", strings.Repeat("x", n)).Message()
		want = append(want, string(formats.AppendJSON(nil, m, formats.Options{})))
		all = framed(all, frame{bare: true}, formats.JSON{}, m, formats.Options{})
	}
	got := readFrames(t, all)
	if len(got) != len(want) {
		t.Fatalf("%d frames, not %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("frame %d is %.80q, not %.80q", i, got[i], want[i])
		}
	}
}

func TestAFrameIsUTF8WhateverAsteriskSends(t *testing.T) {
	m := ami.NewEvent("Newchannel").Add("CallerIDName", "M\xfcller").Message()
	for _, p := range protocols {
		for _, payload := range readFrames(t, framed(nil, p.frame, p.format, m, formats.Options{})) {
			if !strings.Contains(payload, "M\uFFFDller") {
				t.Errorf("%s: %q", p.name, payload)
			}
		}
	}
}

func TestEveryEndIsACloseFrameThatFits(t *testing.T) {
	frames := [][]byte{endBinary.append(nil), endSilent.append(nil), endTooBig.append(nil)}
	for _, reason := range []error{nil, proxy.ErrLoggedOff, proxy.ErrDisconnected, proxy.ErrStopping, proxy.ErrLogin, feed.ErrTooSlow, errors.New("whatever")} {
		frames = append(frames, frame{}.AppendEnd(nil, reason))
	}
	for _, f := range frames {
		if len(f) > 2+125 || f[0] != 0x88 || int(f[1]) != len(f)-2 {
			t.Errorf("%x", f)
		}
	}
	if f := (frame{}).AppendEnd(nil, feed.ErrTooSlow); int(f[2])<<8|int(f[3]) != 4000 {
		t.Errorf("who is too slow gets %x", f)
	}
}

func TestTheDocumentationTellsEveryCode(t *testing.T) {
	text, err := os.ReadFile("../../../docs/http-live.md")
	if err != nil {
		t.Fatal(err)
	}
	codes := []int{websocket.CloseProtocolError, endBinary.code, endSilent.code, endTooBig.code}
	for _, reason := range []error{nil, proxy.ErrStopping, proxy.ErrLogin, feed.ErrTooSlow, errors.New("whatever")} {
		codes = append(codes, endOf(reason).code)
	}
	for _, code := range codes {
		if !strings.Contains(string(text), fmt.Sprintf("\n| %d |", code)) {
			t.Errorf("%d is missing", code)
		}
	}
}

func TestAServerSentEventHasItsIDAndOneLineOfData(t *testing.T) {
	m := ami.NewEvent("UserEvent").Add("Text", "a\tb\\n").Message()
	got := string(framed(nil, serverSent{}, formats.JSON{}, m, formats.Options{Sequence: "abc-7"}))
	id, rest, _ := strings.Cut(got, "\n")
	data, rest, _ := strings.Cut(rest, "\n")
	if id != "id: abc-7" || rest != "\n" || !json.Valid([]byte(strings.TrimPrefix(data, "data: "))) {
		t.Errorf("got %q", got)
	}
}

// recorded are the events of a real Asterisk.
func recorded(tb testing.TB) (events []ami.Message) {
	tb.Helper()
	f, err := os.Open("../../../ami/testdata/asterisk22-events.txt")
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	r := ami.NewReplyReader(f, ami.ReplyLimits)
	for {
		m, err := r.Read()
		if errors.Is(err, io.EOF) {
			return events
		}
		if err != nil {
			tb.Fatal(err)
		}
		if m.IsEvent() {
			events = append(events, m)
		}
	}
}

// TestAFrameCostsNoAllocation holds what is around a message against the message alone, in memory that
// is used again, as the matcher does it.
func TestAFrameCostsNoAllocation(t *testing.T) {
	events := recorded(t)
	o := formats.Options{Server: "pbx1", Sequence: "abcdefgh-1234567"}
	var dst []byte
	each := func(f proxy.Frame, format formats.Format) float64 {
		return testing.AllocsPerRun(10, func() {
			for _, m := range events {
				if f == nil {
					dst = format.Append(dst[:0], m, o)
				} else {
					dst = framed(dst[:0], f, format, m, o)
				}
			}
		}) / float64(len(events))
	}
	for _, p := range protocols {
		bare := each(nil, p.format)
		if got := each(p.frame, p.format); got > bare {
			t.Errorf("%s: %.2f allocations an event in frames, %.2f without", p.name, got, bare)
		}
	}
	if got := each(serverSent{}, formats.JSON{}); got > each(nil, formats.JSON{}) {
		t.Errorf("server-sent: %.2f allocations an event", got)
	}
}

// BenchmarkFrame encodes every recorded event in turn, as for a view.
func BenchmarkFrame(b *testing.B) {
	events := recorded(b)
	run := func(name string, f proxy.Frame, format formats.Format) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var dst []byte
			for i := 0; b.Loop(); i++ {
				dst = framed(dst[:0], f, format, events[i%len(events)], formats.Options{Server: "pbx1", Sequence: "abcdefgh-1234567"})
			}
		})
	}
	for _, p := range protocols {
		run(p.name, p.frame, p.format)
	}
	run("events", serverSent{}, formats.JSON{})
}

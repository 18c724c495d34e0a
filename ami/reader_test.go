package ami_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/astproxy/astproxy/ami"
)

// readAll reads every block of source.
func readAll(t *testing.T, r *ami.Reader) ([]ami.Message, error) {
	t.Helper()
	var all []ami.Message
	for {
		m, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil && !r.GoesOn() {
			return all, err
		}
		all = append(all, m)
	}
}

func recorded(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestReaderTakesTheRecordedEventsHoweverTheyAreSplit(t *testing.T) {
	for _, name := range []string{"asterisk22-events.txt", "asterisk16-events.txt"} {
		text := recorded(t, name)
		for _, source := range []io.Reader{
			bytes.NewReader(text), iotest.OneByteReader(bytes.NewReader(text)), iotest.DataErrReader(bytes.NewReader(text)),
		} {
			r := ami.NewReplyReader(source, ami.ReplyLimits)
			banner, err := r.ReadLine()
			if err != nil || !strings.HasPrefix(banner, "Asterisk Call Manager/") {
				t.Fatalf("%s: banner %q, %v", name, banner, err)
			}
			all, err := readAll(t, r)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			events := 0
			for _, m := range all {
				if m.IsEvent() {
					events++
				}
			}
			if want := bytes.Count(text, []byte("\nEvent: ")); events != want {
				t.Errorf("%s: %d events, want %d", name, events, want)
			}
		}
	}
}

func TestReaderKeepsTheBytesOfEveryBlock(t *testing.T) {
	const text = "Response: Success\r\nMessage: a: b \r\n\r\n\r\n\r\nEvent: X\nEmpty:\nno header\n\n"
	all, err := readAll(t, ami.NewReplyReader(strings.NewReader(text), ami.ReplyLimits))
	if err != nil || len(all) != 2 {
		t.Fatalf("%d blocks, %v", len(all), err)
	}
	if got := all[0].Raw() + "|" + all[1].Raw(); got != "Response: Success\r\nMessage: a: b \r\n|Event: X\nEmpty:\nno header\n" {
		t.Errorf("raw %q", got)
	}
	if got := all[0].Get("message"); got != "a: b " {
		t.Errorf("Message is %q", got)
	}
	if name, value := all[1].Header(2); name != "" || value != "no header" {
		t.Errorf("line without a name is %q, %q", name, value)
	}
	if !all[1].Has("Empty") || all[1].Has("Absent") {
		t.Error("an empty header is there, an absent one is not")
	}
}

func TestReaderTakesOldCommandOutputWithItsBlankLines(t *testing.T) {
	const text = "Response: Follows\r\nPrivilege: Command\r\nActionID: 7\r\nUptime: 5\n\nEvent: no event\n--END COMMAND--\r\n\r\nEvent: Real\r\n\r\n"
	all, err := readAll(t, ami.NewReplyReader(strings.NewReader(text), ami.ReplyLimits))
	if err != nil || len(all) != 2 {
		t.Fatalf("%d blocks, %v", len(all), err)
	}
	if !strings.HasSuffix(all[0].Raw(), "\n\nEvent: no event\n--END COMMAND--\r\n") || all[1].Event() != "Real" {
		t.Errorf("blocks %q and %q", all[0].Raw(), all[1].Raw())
	}
	// A client gets no such mode: its blank line ends its action.
	all, err = readAll(t, ami.NewReader(strings.NewReader("Response: Follows\r\n\r\nAction: Ping\r\n\r\n"), ami.ActionLimits))
	if err != nil || len(all) != 2 || all[1].Action() != "Ping" {
		t.Errorf("a client's blocks: %q, %v", all, err)
	}
}

// As Asterisk, which drops the lines that are too long or too many, and goes on behind the block.
func TestReaderRefusesWhatIsTooLargeAndKeepsTheActionID(t *testing.T) {
	long := strings.Repeat("x", ami.MaxLine-2)
	for _, c := range []struct {
		name, text string
		want       error
		goesOn     bool
	}{
		{"a line of 1,023 bytes", "Action: Ping\r\nActionID: 5\r\nX: " + long + "\r\n\r\n", ami.ErrLineTooLong, true},
		{"a line of 1,023 bytes first", "X: " + long + "\nActionID: 5\n\n", ami.ErrLineTooLong, true},
		{"several long lines", "X: " + long + long + "\r\nActionID: 5\r\nX: " + long + long + long + "\r\n\r\n", ami.ErrLineTooLong, true},
		{"129 headers", "ActionID: 5\r\n" + strings.Repeat("A: b\r\n", 128) + "\r\n", ami.ErrTooManyHeaders, true},
		{"1,000 headers", "ActionID: 5\r\n" + strings.Repeat("A: b\r\n", 999) + "\r\n", ami.ErrTooManyHeaders, true},
		{"a long line and many headers", "ActionID: 5\r\nX: " + long + "\r\n" + strings.Repeat("A: b\r\n", 200) + "\r\n", ami.ErrLineTooLong, true},
		{"2,000 headers", "ActionID: 5\r\n" + strings.Repeat("A: b\r\n", 1999) + "\r\n", ami.ErrTooManyHeaders, false},
		{"a line without end", "Action: Ping\r\nActionID: 5\r\n" + strings.Repeat("x", 1<<20), ami.ErrLineTooLong, false},
		{"many long lines", "ActionID: 5\r\n" + strings.Repeat("X: "+long+"\r\n", 200) + "\r\n", ami.ErrLineTooLong, false},
	} {
		for size := range 3 {
			r := ami.NewReader(&chunked{[]byte(c.text + "Action: Next\r\n\r\n"), []int{1, 1000, 1 << 20}[size]}, ami.ActionLimits)
			m, err := r.Read()
			if !errors.Is(err, c.want) || m.ActionID() != "5" || r.GoesOn() != c.goesOn || m.Len() > ami.MaxHeaders {
				t.Errorf("%s: %v, ActionID %q, %d lines, goes on: %v", c.name, err, m.ActionID(), m.Len(), r.GoesOn())
			}
			if !c.goesOn {
				continue
			}
			if m, err := r.Read(); err != nil || m.Action() != "Next" || r.GoesOn() {
				t.Errorf("%s: behind it comes %q, %v", c.name, m, err)
			}
		}
	}
	fits := "X: " + strings.Repeat("x", ami.MaxLine-3) + "\r\n" + strings.Repeat("A: b\r\n", 127) + "\r\n"
	if m, err := ami.NewReader(strings.NewReader(fits), ami.ActionLimits).Read(); err != nil || m.Len() != 128 {
		t.Errorf("the largest action: %d lines, %v", m.Len(), err)
	}
}

func TestReaderTellsAnEndInsideABlock(t *testing.T) {
	for _, text := range []string{"Action: Ping\r\n", "Acti", strings.Repeat("x", 2000), strings.Repeat("x", 2000) + "\r\n"} {
		if _, err := ami.NewReader(strings.NewReader(text), ami.ActionLimits).Read(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestWhatAsteriskReadsIsWhatWeJudge(t *testing.T) {
	m := ami.Parse("Action:\r\nAction : Command\r\n Action: Reload\r\nACTION: Ping\r\nAction: Command\r\nActionID:\r\nActionID: 7\r\nX: 1\r\n")
	if m.Action() != "Ping" || m.ActionID() != "" {
		t.Errorf("Action %q, ActionID %q", m.Action(), m.ActionID())
	}
	got := string(m.AppendAction(nil, "token", "x"))
	if want := "Action: Ping\r\nActionID: token\r\nAction : Command\r\n Action: Reload\r\n\r\n"; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestCheckActionRefusesBytesThatBreakALine(t *testing.T) {
	for _, text := range []string{"A: b\x00c\r\n", "\x00A: b\r\n", "A: b\rAction: Reload\r\n", "A: b\r\r\n"} {
		m, err := ami.NewReader(strings.NewReader(text+"\r\n"), ami.ActionLimits).Read()
		if err != nil {
			t.Fatal(err)
		}
		if err := ami.CheckAction(m); !errors.Is(err, ami.ErrForbiddenByte) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReplacingALineKeepsEveryOther(t *testing.T) {
	m := ami.Parse("Event: UserEvent\r\nActionID: token\r\nUserEvent: Hello\r\n")
	if got := m.Replacing(1, "ActionID: 7\r\n"); got.Raw() != "Event: UserEvent\r\nActionID: 7\r\nUserEvent: Hello\r\n" || got.ActionID() != "7" {
		t.Errorf("replaced: %q", got)
	}
	if got := m.Replacing(1, ""); got.Raw() != "Event: UserEvent\r\nUserEvent: Hello\r\n" || got.Has("ActionID") || got.Get("UserEvent") != "Hello" {
		t.Errorf("left out: %q", got)
	}
}

func TestBuilderLetsNoValueBreakItsLine(t *testing.T) {
	m := ami.NewEvent("X\r\nEvent: Y").Add("A:\nB", "1\r\n\r\nAction: Ping\x00").Message()
	if m.Len() != 2 || strings.Count(m.Raw(), "\n") != 2 {
		t.Errorf("built %q", m.Raw())
	}
}

func TestLists(t *testing.T) {
	for text, want := range map[string][2]bool{
		"Response: Success\r\nEventList: Start\r\n":                 {true, false},
		"Response: Success\r\nMessage: Command output follows\r\n":  {false, false},
		"Event: QueueStatusComplete\r\nEventList: Complete\r\n":     {false, true},
		"Event: ZapShowChannelsComplete\r\nItems: 3\r\n":            {false, true},
		"Event: QueueMember\r\nName: Complete\r\n":                  {false, false},
		"Event: SomethingComplete\r\nEventList: start\r\nName: x\n": {true, false},
	} {
		m := ami.Parse(text)
		if got := [2]bool{m.OpensList(), m.ClosesList()}; got != want {
			t.Errorf("%q opens, closes: %v, want %v", text, got, want)
		}
	}
}

func TestClasses(t *testing.T) {
	if got := ami.ParsePrivilege("call,all"); got != ami.ClassCall {
		t.Errorf("call,all is %v", got)
	}
	if got := ami.ParsePrivilege("brandnew,all"); got != ami.ClassUnknown {
		t.Errorf("an unknown class is %v", got)
	}
	for text, want := range map[string]ami.Class{
		"on": ami.ClassAll, "Off": ami.ClassNone, "call,user": ami.ClassCall | ami.ClassUser, "3": ami.ClassSystem | ami.ClassCall,
		"call, user": ami.ClassCall, "Call": ami.ClassNone,
	} {
		if got, ok := ami.ParseMask(text); !ok || got != want {
			t.Errorf("mask %q is %v, %v", text, got, ok)
		}
	}
	if _, ok := ami.ParseMask(""); ok {
		t.Error("an empty mask is none")
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("Action: Ping\r\nActionID: 1\r\n\r\n"), 3)
	f.Add([]byte("Response: Follows\r\nx\n\ny\n--END COMMAND--\r\n\r\nEvent: X\r\n\r\n"), 1)
	f.Add([]byte("A:\n\n\r\n:\nB: c\x00\n\n"), 7)
	f.Fuzz(func(t *testing.T, text []byte, chunk int) {
		whole, wholeErr := readAll(t, ami.NewReplyReader(bytes.NewReader(text), ami.ActionLimits))
		split, splitErr := readAll(t, ami.NewReplyReader(&chunked{text, max(1, chunk%64)}, ami.ActionLimits))
		if len(whole) != len(split) || !errors.Is(splitErr, wholeErr) {
			t.Fatalf("whole: %d blocks, %v; split: %d blocks, %v", len(whole), wholeErr, len(split), splitErr)
		}
		for i, m := range whole {
			if m.Raw() != split[i].Raw() || m.Len() != split[i].Len() {
				t.Fatalf("block %d: %q, split %q", i, m.Raw(), split[i].Raw())
			}
			for name, value := range m.All() {
				if strings.ContainsAny(name+value, "\n") {
					t.Fatalf("a line end in %q: %q", name, value)
				}
			}
		}
	})
}

// chunked gives its bytes size at a time.
type chunked struct {
	rest []byte
	size int
}

func (c *chunked) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.rest[:min(c.size, len(c.rest))])
	c.rest = c.rest[n:]
	return n, nil
}

func BenchmarkReader(b *testing.B) {
	text := recorded(b, "asterisk22-events.txt")
	text = text[bytes.IndexByte(text, '\n')+1:]
	r := ami.NewReplyReader(&endless{text: text}, ami.ReplyLimits)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Read(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// endless repeats its text.
type endless struct {
	text []byte
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

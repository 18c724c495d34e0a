package ami_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

func TestAnAnswerThatIsTooLargeIsSkippedToItsEnd(t *testing.T) {
	limits := ami.Limits{Line: 2000, Headers: 100, Block: 8000, Buffer: 512}
	many := strings.Repeat("Output: x\r\n", 200)
	long := "Output: " + strings.Repeat("y", 5000) + "\r\n"
	for _, c := range []struct {
		name, text string
		want       error
	}{
		{"many lines", "Response: Success\r\nActionID: 5\r\n" + many, ami.ErrTooManyHeaders},
		{"many bytes", "Response: Success\r\nActionID: 5\r\n" + strings.Repeat("Output: "+strings.Repeat("z", 1000)+"\r\n", 20), ami.ErrBlockTooLong},
		{"a long line", "Response: Success\r\nActionID: 5\r\n" + long, ami.ErrLineTooLong},
		{"a long line without CR", "Response: Success\nActionID: 5\n" + strings.ReplaceAll(long, "\r", ""), ami.ErrLineTooLong},
		{"a long line first", long + "ActionID: 5\r\nX: y\r\n", ami.ErrLineTooLong},
		{"the ActionID last", "Event: Status\r\n" + many + long + long + "ActionID: 5\r\n", ami.ErrTooManyHeaders},
		{"raw output", "Response: Follows\r\nPrivilege: Command\r\nActionID: 5\r\n" + strings.Repeat("x\n\ny\r\n\r\n", 300) + "--END COMMAND--\r\n", ami.ErrTooManyHeaders},
		{"raw output that ends inside a line", "Response: Follows\r\nActionID: 5\r\n" + strings.Repeat("x", 9000) + "\n\n" + strings.Repeat("x", 3000) + "--END COMMAND--\r\n", ami.ErrLineTooLong},
	} {
		for _, size := range []int{1, 7, 1000, 1 << 20} {
			r := ami.NewReplyReader(&chunked{[]byte("Event: Before\r\n\r\n" + c.text + "\r\nEvent: Next\r\n\r\n"), size}, limits)
			if m, err := r.Read(); err != nil || m.Event() != "Before" {
				t.Fatalf("%s: before it comes %q, %v", c.name, m, err)
			}
			m, err := r.Read()
			if !errors.Is(err, c.want) || !r.GoesOn() || m.ActionID() != "5" || m.Len() > 100 {
				t.Errorf("%s in pieces of %d: %v, goes on: %v, %d lines, ActionID %q", c.name, size, err, r.GoesOn(), m.Len(), m.ActionID())
			}
			if m, err := r.Read(); err != nil || m.Event() != "Next" {
				t.Errorf("%s in pieces of %d: behind it comes %q, %v", c.name, size, m, err)
			}
		}
	}
}

func TestAnAnswerWithoutEndIsSkippedInBoundedMemory(t *testing.T) {
	limits := ami.Limits{Line: 2000, Headers: 100, Block: 8000, Buffer: 512}
	source := io.MultiReader(strings.NewReader("Response: Success\r\nActionID: 5\r\n"),
		io.LimitReader(&endless{text: []byte("Output: " + strings.Repeat("x", 100) + "\r\nActionID: " + strings.Repeat("y", 900) + "\r\n")}, 1<<26))
	r := ami.NewReplyReader(source, limits)
	allocated := testing.AllocsPerRun(1, func() {
		if _, err := r.Read(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("it ends with %v", err)
		}
	})
	if allocated > 1000 {
		t.Errorf("%v allocations for 64 MiB that are skipped", allocated)
	}
}

package formats_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

func readFile(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// recordedMessages are the blocks of a recording that an Asterisk sent.
func recordedMessages(tb testing.TB, name string) []ami.Message {
	tb.Helper()
	text := readFile(tb, name)
	if banner, rest, _ := strings.Cut(text, "\n"); strings.HasPrefix(banner, "Asterisk Call Manager") {
		text = rest
	}
	return messages(tb, withoutRequests(text))
}

// messages are the blocks of text.
func messages(tb testing.TB, text string) []ami.Message {
	tb.Helper()
	r := ami.NewReplyReader(bytes.NewReader([]byte(text)), ami.ReplyLimits)
	var all []ami.Message
	for {
		m, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, m)
	}
}

// withoutRequests leaves out what was asked: the lines from ">>>" to the answer, which begins with
// Response.
func withoutRequests(text string) string {
	var b strings.Builder
	asking := false
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, ">>>") {
			asking = true
		} else if strings.HasPrefix(l, "Response:") {
			asking = false
		}
		if !asking {
			b.WriteString(l)
		}
	}
	return b.String()
}

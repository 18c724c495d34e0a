//go:build linux

package load

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
)

func TestPipelinedPingsGoThreeWays(t *testing.T) {
	r := runThrough(t, Options{Pipeline: 1500}, unchanged)
	p := r.Pipeline
	if p == nil || p.Count != 1500 || p.Proxy <= 0 || p.Direct <= 0 || p.DirectCPU <= 0 || p.Relay <= 0 || p.ProxyToDirect != p.Proxy/p.Direct {
		t.Fatalf("%+v", p)
	}
	var text bytes.Buffer
	r.WriteText(&text)
	if !strings.Contains(text.String(), "pipelined pings   1500: ") {
		t.Errorf("the text does not tell it:\n%s", &text)
	}
}

func TestAnswersToPipelinedPingsInAnotherOrderAreAnError(t *testing.T) {
	for answers, want := range map[string]string{
		"ActionID: p1\r\n\r\nActionID: p3\r\n\r\n":                                  "ping 3 where that to 2",
		"ActionID: p1\r\n\r\nActionID: p1\r\n\r\n":                                  "ping 1 where that to 2",
		"Event: X\r\n\r\nActionID: p1\r\n\r\nResponse: Success\r\nActionID: p2\r\n": "",
	} {
		p := pipeline{pinger: &pinger{reader: bufio.NewReader(strings.NewReader(answers))}}
		err := p.answers(2)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v", answers, err)
		}
	}
}

package main

import (
	"context"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var curlLine = regexp.MustCompile(`(?m)^  (curl .*)$`)

func TestWhatTheDemonstrationSaysToTypeWorks(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl (Debian: apt install curl)")
	}
	ctx, cancel := context.WithCancel(t.Context())
	out, log := newLog(), newLog()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"demo", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"}, out, log)
	}()
	out.wait(t, "Ctrl-C ends everything")
	log.wait(t, "session is up")
	lines := curlLine.FindAllStringSubmatch(out.String(), -1)
	says := []string{"QueueStatusComplete", `"Joined":"3"`}
	if len(lines) != len(says) {
		t.Fatalf("there are %d lines with curl in\n%s", len(lines), out)
	}
	for i, line := range lines {
		answer, err := exec.CommandContext(ctx, "sh", "-c", line[1]).CombinedOutput()
		if err != nil || !strings.Contains(string(answer), says[i]) {
			t.Errorf("%s: %v\n%s", line[1], err, answer)
		}
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("it ends with %d: %s", code, log)
	}
}

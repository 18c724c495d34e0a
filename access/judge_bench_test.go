//go:build unix

package access

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// processorTime is what the process has used of its processors: on a machine that has other things to do the
// time that passes says little.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// A permission check costs at most 1 µs.
func BenchmarkJudge(b *testing.B) {
	config := UserConfig{
		Name: "anna", Secret: "x", Write: []string{"call", "originate", "command"},
		AllowActions: []string{"QueueReset"}, DenyActions: []string{"DB*", "Module*"},
	}
	call := RuleConfig{Action: "Originate", Headers: map[string][]string{
		"Channel": {"PJSIP/1??"}, "Context": {"local"}, "Exten": {"1*"}, "Priority": {"1"}, "CallerID": {"", "*"}, "Variable": {"", "LANG=*"},
	}}
	ruled := config
	ruled.Rules = []RuleConfig{{Action: "Command", Headers: map[string][]string{"Command": {"core show *"}}}, call}
	message := act("Originate|ActionID: 1234|Channel: PJSIP/101|Context: local|Exten: 1234|Priority: 1|CallerID: Anna <101>|Async: true|Timeout: 30000|Variable: LANG=de")
	redirect := act("Redirect|ActionID: 1|Channel: PJSIP/101-0000001|Context: local|Exten: 1|Priority: 1")
	for name, c := range map[string]struct {
		config UserConfig
		action ami.Message
	}{
		"classes": {config, redirect}, "guard": {config, message}, "rules": {ruled, message},
		"refused": {ruled, act("Command|ActionID: 1|Command: core stop now")},
	} {
		b.Run(name, func(b *testing.B) {
			users, err := NewUsers([]UserConfig{c.config})
			if err != nil {
				b.Fatal(err)
			}
			user, _ := users.Authenticate("anna", "x")
			name, class := c.action.Action(), ami.ParsePrivilege(classes[strings.ToLower(c.action.Action())])
			b.ReportAllocs()
			began := processorTime(b)
			for b.Loop() {
				user.Judge(name, class, c.action)
			}
			b.ReportMetric(float64(processorTime(b)-began)/float64(b.N), "cpu-ns/op")
		})
	}
}

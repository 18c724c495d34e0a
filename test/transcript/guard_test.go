package transcript_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/test/asterisk"
)

// way is one to a program, a file or the database for who may not: an action, its headers separated by
// "|". WITNESS is a file that it makes, KEY one of the database's or a global variable that it sets.
type way string

const answered = "Action: Originate|Channel: Local/1001@default|Async: true|"

var ways = []way{
	answered + "Application: System|Data: touch WITNESS",
	answered + "Application: TRYSYSTEM|Data: touch WITNESS",
	answered + "Application: AGI|Data: /bin/touch,WITNESS",
	answered + "Application: Exec|Data: System(touch WITNESS)",
	answered + "Application: TryExec|Data: System(touch WITNESS)",
	answered + "Application: ExecIf|Data: 1?System(touch WITNESS)",
	answered + "Application: Exec|Data: NoOp(${SHELL(touch WITNESS)})",
	answered + "Application: Exec|Data: NoOp(${${X}})|Variable: X=SHELL(touch WITNESS)",
	answered + "Application: Originate|Data: Local/1001@default,app,System,touch WITNESS",
	answered + "Application: MixMonitor|Data: WITNESS.wav,,touch WITNESS",
	answered + "Application: Record|Data: WITNESS:wav,1,1",
	answered + "Application: ChanSpy|Data: None,r(../../../..WITNESS)",
	answered + "Application: ExtenSpy|Data: 1@none,r(../../../..WITNESS)",
	answered + "Application: SET|Data: FILE(WITNESS)=x",
	answered + "Application: MSet|Data: A=1,FILE(WITNESS)=x",
	answered + "Application: Set|Data: DB(guard/KEY)=x",
	answered + "Application: Set|Data: GLOBAL(KEY)=x",
	answered + "Application: Wait|Data: 1|Variable: FILE(WITNESS)=x",
	answered + "Application: Wait|Data: 1|Variable: A=1|Variable: B=2,FILE(WITNESS)=x",
	answered + "Application: Wait|Data: 1|Variable: FI\"LE\"(WITNESS)=x",
	answered + "Application: Wait|Data: 1|Variable: FILE\\(WITNESS)=x",
	answered + "Application: Wait|Data: 1|Variable: DB(guard/KEY)=x",
	answered + "Application: Wait|Data: 1|Variable: GLOBAL(KEY)=x",
	"Action: Originate|Channel: Local/1001@default|Application: Wait|Data: 1|Variable: FILE(WITNESS)=x",
	"Action: Originate|Channel: Local/1001@default|Context: default|Exten: 1002|Priority: 1|Variable: DB(guard/KEY)=x",
	"Action: Setvar|Variable: GLOBAL(KEY)|Value: x",
	"Action: Setvar|Variable: MONITOR_EXEC|Value: KEY",
	"Action: Command|Command: channel originate Local/1001@default application System \"touch WITNESS\"",
	"Action: Command|Command: channel originate Local/1001@default application Set DB(guard/KEY)=x",
	"Action: Command|Command: database put guard KEY x",
	"Action: Command|Command: dialplan set global MONITOR_EXEC KEY",
	"Action: AGI|Channel: CHANNEL|Command: EXEC System \"touch WITNESS\"",
	"Action: AGI|Channel: CHANNEL|Command: \"EX\"EC Sys\\tem \"touch WITNESS\"",
	"Action: AGI|Channel: CHANNEL|Command: EXEC Set FILE(WITNESS)=x",
	"Action: AGI|Channel: CHANNEL|Command: SET VARIABLE FILE(WITNESS) x",
	"Action: AGI|Channel: CHANNEL|Command: GET FULL VARIABLE \"${SHELL(touch WITNESS)}\"",
	"Action: AGI|Channel: CHANNEL|Command: GET VARIABLE \"SHELL(touch WITNESS)\"",
	"Action: AGI|Channel: CHANNEL|Command: DATABASE PUT guard KEY x",
}

// Everything that the guard refuses to who lacks class system works for who has it, or the refusal
// would prove nothing; and nothing of it has happened for who lacks it.
//
//astproxy:attack
func TestWithoutClassSystemNothingReachesAProgramAFileOrTheDatabase(t *testing.T) {
	forEachVersion(t, func(t *testing.T, version string) {
		server := asterisk.Start(t, version)
		e := startProxyFor(t, server, []access.UserConfig{
			{Name: "system", Secret: "hunter2", Read: []string{"all"}, Write: []string{"all"}},
			{Name: "caller", Secret: "hunter2", Write: []string{"call", "originate", "command", "agi", "reporting", "dialplan", "user", "config"}},
		})
		system := open(t, e).login(t, "system", "hunter2", "off")
		caller := open(t, e).login(t, "caller", "hunter2", "off")
		channel := asyncChannel(t, e, system)
		// Asterisk's packages make it; ChanSpy's paths begin there.
		recordings := server.Outside(path.Join(server.Folder(), "spool", "monitor"))
		if err := os.MkdirAll(recordings, 0o777); err != nil {
			t.Fatal(err)
		}

		for i, each := range ways {
			action, _ := each.with(server, channel, "refused", i)
			answer := caller.ask(t, action)
			if !strings.HasPrefix(answer, "Response: Error\r\n") {
				t.Errorf("%q is answered with %q", action, answer)
			}
		}
		for i, each := range ways {
			action, witness := each.with(server, channel, "allowed", i)
			system.ask(t, action)
			awaitWitness(t, server, action, witness)
		}
		for i, each := range ways {
			if action, witness := each.with(server, channel, "refused", i); seen(t, server, witness) {
				t.Errorf("%q has left %s", action, witness)
			}
		}
	})
}

// with is the action with names of its own for what it leaves, and what that is: a path, or a name.
func (w way) with(s *asterisk.Server, channel, kind string, i int) (action, witness string) {
	name := fmt.Sprintf("guard-%s-%d-", kind, i) // none is the beginning of another
	file := path.Join(s.Folder(), name)
	witness = name
	if strings.Contains(string(w), "WITNESS") {
		witness = file
	}
	lines := strings.NewReplacer("WITNESS", file, "KEY", name, "CHANNEL", channel).Replace(string(w))
	return crlf(strings.Split(lines, "|")...), witness
}

// asyncChannel starts a channel that waits for AGI commands, and returns its name.
func asyncChannel(t *testing.T, e endpoint, s *session) string {
	t.Helper()
	s.ask(t, crlf("Action: Originate", "Channel: Local/1001@default", "Application: AGI", "Data: agi:async", "Async: true"))
	awaitCLI(t, e, "core show channels concise", `!AGI!agi:async!`)
	for line := range strings.Lines(e.asterisk.CLI("core show channels concise")) {
		if strings.Contains(line, "!AGI!agi:async!") {
			name, _, _ := strings.Cut(line, "!")
			return name
		}
	}
	t.Fatal("the channel is gone")
	return ""
}

// seen tells whether the file is there, or the name in the database or among the global variables.
func seen(t *testing.T, s *asterisk.Server, witness string) bool {
	t.Helper()
	if !path.IsAbs(witness) {
		return strings.Contains(s.CLI("database show guard")+s.CLI("dialplan show globals"), witness)
	}
	for _, file := range []string{witness, witness + ".wav"} {
		_, err := os.Stat(s.Outside(file))
		if err == nil {
			return true
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	recorded, err := filepath.Glob(s.Outside(witness) + ".*.raw")
	if err != nil {
		t.Fatal(err)
	}
	return len(recorded) > 0
}

func awaitWitness(t *testing.T, s *asterisk.Server, action, witness string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !seen(t, s, witness) {
		if time.Now().After(deadline) {
			t.Errorf("%q proves nothing: of who may everything it leaves no %s either", action, witness)
			return
		}
		time.Sleep(5 * time.Millisecond) // nothing announces it
	}
}

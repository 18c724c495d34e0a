package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"Command": (*session).command,
	})
}

// command runs a line of the console.
func (c *session) command(m ami.Message) bool {
	line := m.Get("Command")
	words := strings.Fields(strings.ToLower(line))
	switch {
	case line == "":
		return c.fail(m, "No command provided")
	case len(words) > 1 && words[0] == "module" && (words[1] == "load" || words[1] == "unload"),
		len(words) > 1 && words[0] == "restart" && words[1] == "gracefully":
		return c.fail(m, "Command blacklisted")
	}
	output, known := c.server.console(words)
	if !known {
		output = noSuchCommand(line)
	}
	if c.server.faults.oldCommand.Load() {
		return c.oldOutput(m, output)
	}
	response := "Success"
	if !known {
		response = "Error"
	}
	b := ami.NewResponse(response, m.ActionID()).Add("Message", "Command output follows")
	for l := range strings.SplitSeq(strings.TrimSuffix(output, "\n"), "\n") {
		b.Add("Output", l)
	}
	return c.send(b)
}

// oldOutput answers as Asterisk 13 and older did: raw lines, empty ones among them.
func (c *session) oldOutput(m ami.Message, output string) bool {
	b := ami.NewResponse("Follows", "").Add("Privilege", "Command").AddNonEmpty("ActionID", m.ActionID())
	return c.write([]byte(b.Message().Raw() + output + "--END COMMAND--\r\n\r\n"))
}

// noSuchCommand is Asterisk's answer, which leaves the last word out of its advice.
func noSuchCommand(line string) string {
	words := strings.Fields(line)
	help := strings.Join(words[:max(len(words)-1, 1)], " ")
	return fmt.Sprintf("No such command '%s' (type 'core show help %s' for other possible commands)\n", line, help)
}

// console is what a command prints.
func (s *Server) console(words []string) (output string, known bool) {
	p := s.pbx
	uptime := time.Since(s.started)
	switch strings.Join(words, " ") {
	case "core show version":
		return "Asterisk " + s.config.asteriskVersion() +
			" built by nobody @ buildd.debian.org on a unknown running Linux on 2026-07-20 21:35:32 UTC\n", true
	case "core show uptime":
		return fmt.Sprintf("System uptime: %s\nLast reload: %s\n", spoken(uptime), spoken(uptime)), true
	case "core show uptime seconds":
		return fmt.Sprintf("System uptime: %d\nLast reload: %d\n", int(uptime.Seconds()), int(uptime.Seconds())), true
	case "core show channels count":
		return p.printCounts(), true
	case "core show channels":
		return p.printChannels() + p.printCounts(), true
	case "core show channels concise":
		return p.printConcise(), true
	case "queue show":
		return p.printQueues(), true
	case "confbridge list":
		return p.printRooms(), true
	case "dialplan reload":
		return "Dialplan reloaded.\n", true
	case "manager reload", "core reload":
		return "", true
	case "database show":
		return p.printDatabase(), true
	}
	return "", false
}

// spoken is a duration in words: "2 hours, 1 minute, 3 seconds".
func spoken(d time.Duration) string {
	var parts []string
	seconds := int(d.Seconds())
	for _, unit := range []struct {
		name string
		size int
	}{{"week", 604800}, {"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}} {
		n := seconds / unit.size
		seconds %= unit.size
		if n > 0 {
			parts = append(parts, plural(n, unit.name))
		}
	}
	return strings.Join(parts, ", ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func (p *pbx) printCounts() (text string) {
	p.do(func() {
		calls := make(map[string]bool)
		for _, c := range p.channels {
			if c.threaded {
				calls[c.linkedid] = true
			}
		}
		text = fmt.Sprintf("%s\n%s\n%s\n", plural(len(p.channels), "active channel"), plural(len(calls), "active call"),
			plural(p.calls.processed, "call")+" processed")
	})
	return text
}

func (p *pbx) printChannels() (text string) {
	width, place := 64, 32
	if p.config.asterisk16() {
		width, place = 20, 20
	}
	line := func(name, location, state, application string) {
		text += fmt.Sprintf("%-*.*s %-*.*s %-7.7s %-30.30s\n", width, width, name, place, place, location, state, application)
	}
	line("Channel", "Location", "State", "Application(Data)")
	p.do(func() {
		for _, c := range p.channels {
			application := "(None)"
			if c.application != "" {
				application = c.application + "(" + c.data + ")"
			}
			line(c.name, fmt.Sprintf("%s@%s:%d", c.exten, c.context, c.priority), c.state.String(), application)
		}
	})
	return text
}

func (p *pbx) printConcise() (text string) {
	p.do(func() {
		for _, c := range p.channels {
			text += strings.Join([]string{
				c.name, c.context, c.exten, strconv.Itoa(c.priority), c.state.String(), c.application, c.data, c.caller.number, "",
				c.account, "3", strconv.Itoa(int(time.Since(c.created).Seconds())), c.bridgeID(), c.uniqueid,
			}, "!") + "\n"
		}
	})
	return text
}

func (p *pbx) printQueues() (text string) {
	p.do(func() {
		for _, q := range p.queues {
			text += fmt.Sprintf("%s has %d calls (max unlimited) in 'ringall' strategy (%ds holdtime, %ds talktime), W:0, C:%d, A:%d, SL:0.0%%, SL2:0.0%% within 0s\n",
				q.name, len(q.callers), q.holdTime, q.talkTime, q.completed, q.abandoned)
			if len(q.members) == 0 {
				text += "   No Members\n"
			} else {
				text += "   Members: \n"
			}
			for _, m := range q.members {
				text += fmt.Sprintf("      %s (%s) (ringinuse enabled) (dynamic)%s (%s) has taken %s\n",
					m.name, m.interfaceName, printPause(m), endpointState(p.deviceState(m.stateInterface)), printTaken(m))
			}
			if len(q.callers) == 0 {
				text += "   No Callers\n"
			} else {
				text += "   Callers: \n"
			}
			for i, call := range q.callers {
				text += fmt.Sprintf("      %d. %s (wait: %d:%02d, prio: 0)\n", i+1, call.channel.name,
					int(time.Since(call.joined).Minutes()), int(time.Since(call.joined).Seconds())%60)
			}
			text += "\n"
		}
	})
	return text
}

func printPause(m *member) string {
	if m.paused {
		return " (paused)"
	}
	return ""
}

func printTaken(m *member) string {
	if m.callsTaken == 0 {
		return fmt.Sprintf("no calls yet (login was %d secs ago)", time.Now().Unix()-m.loginTime)
	}
	return fmt.Sprintf("%d calls (last was %d secs ago)", m.callsTaken, time.Now().Unix()-m.lastCall)
}

func (p *pbx) printRooms() (text string) {
	text = "Conference Bridge Name           Users  Marked Locked Muted\n" +
		"================================ ====== ====== ====== =====\n"
	p.do(func() {
		for _, r := range p.rooms {
			text += fmt.Sprintf("%-32s %6d %6s %-6s No\n", r.name, len(r.users), r.marked(), yesNo(r.locked))
		}
	})
	return text
}

func (p *pbx) printDatabase() (text string) {
	p.do(func() {
		paths := p.database.under(ami.Message{})
		for _, path := range paths {
			text += fmt.Sprintf("%-50s: %-25s\n", path, p.database[path])
		}
		text += fmt.Sprintf("%d results found.\n", len(paths))
	})
	return text
}

package ami

import (
	"strconv"
	"strings"
)

// Class is a set of event or action classes, with Asterisk's own bits (manager.h, EVENT_FLAG_*).
type Class uint32

// The classes that have a name in manager.conf, but for all, which is ClassAll.
const (
	ClassSystem    Class = 1 << 0
	ClassCall      Class = 1 << 1
	ClassLog       Class = 1 << 2
	ClassVerbose   Class = 1 << 3
	ClassCommand   Class = 1 << 4
	ClassAgent     Class = 1 << 5
	ClassUser      Class = 1 << 6
	ClassConfig    Class = 1 << 7
	ClassDTMF      Class = 1 << 8
	ClassReporting Class = 1 << 9
	ClassCDR       Class = 1 << 10
	ClassDialplan  Class = 1 << 11
	ClassOriginate Class = 1 << 12
	ClassAGI       Class = 1 << 13
	ClassCC        Class = 1 << 15
	ClassAOC       Class = 1 << 16
	ClassTest      Class = 1 << 17
	ClassSecurity  Class = 1 << 18
	ClassMessage   Class = 1 << 30

	// ClassUnknown stands for a class whose name a newer Asterisk has and we have not: only
	// who has all has it.
	ClassUnknown Class = 1 << 31

	ClassNone Class = 0
	ClassAll  Class = 1<<32 - 1
)

// classNames are in Asterisk's order (manager.c, perms).
var classNames = []struct {
	class Class
	name  string
}{
	{ClassSystem, "system"}, {ClassCall, "call"}, {ClassLog, "log"}, {ClassVerbose, "verbose"},
	{ClassCommand, "command"}, {ClassAgent, "agent"}, {ClassUser, "user"}, {ClassConfig, "config"},
	{ClassDTMF, "dtmf"}, {ClassReporting, "reporting"}, {ClassCDR, "cdr"}, {ClassDialplan, "dialplan"},
	{ClassOriginate, "originate"}, {ClassAGI, "agi"}, {ClassCC, "cc"}, {ClassAOC, "aoc"},
	{ClassTest, "test"}, {ClassSecurity, "security"}, {ClassMessage, "message"},
}

// ClassByName is the class of one lower-case name, "all" and "none" among them.
func ClassByName(name string) (Class, bool) {
	switch name {
	case "all":
		return ClassAll, true
	case "none":
		return ClassNone, true
	}
	for _, c := range classNames {
		if c.name == name {
			return c.class, true
		}
	}
	return ClassNone, false
}

// ClassNames are all names ClassByName knows, "all" first.
func ClassNames() []string {
	names := []string{"all", "none"}
	for _, c := range classNames {
		names = append(names, c.name)
	}
	return names
}

// String lists the names as Asterisk writes them: "call,user", "all", "<none>".
func (c Class) String() string {
	switch c {
	case ClassAll:
		return "all"
	case ClassNone:
		return "<none>"
	}
	var names []string
	for _, n := range classNames {
		if c&n.class != 0 {
			names = append(names, n.name)
		}
	}
	return strings.Join(names, ",")
}

// ParsePrivilege reads a list of classes as Asterisk prints it, in an event's Privilege header
// or behind an action in ListCommands. The name all, which every event carries, says nothing and is
// left out, as Asterisk leaves it out of its own test; <none> is no class.
func ParsePrivilege(list string) Class {
	var set Class
	for name := range strings.SplitSeq(list, ",") {
		switch name {
		case "", "all", "<none>":
		default:
			c, known := ClassByName(name)
			if !known {
				c = ClassUnknown
			}
			set |= c
		}
	}
	return set
}

// Privilege is the set of classes of an event, and whether it has a Privilege header: a
// broadcast has one, a private message has none (but for the items of Status and SIPpeerstatus).
func (m Message) Privilege() (Class, bool) {
	// Asterisk writes it second; a UserEvent could carry another one later.
	if len(m.lines) < 2 {
		return 0, false
	}
	if n, v := m.Header(1); strings.EqualFold(n, "Privilege") {
		return ParsePrivilege(v), true
	}
	return 0, false
}

// ParseMask reads what a client gives as Events, at Login or in the Events action, as Asterisk
// does (manager.c, strings_to_mask): a number is the bits themselves, on and true are all, off and
// false none, else names, unknown ones ignored. ok is false for what is no mask: an empty text, or a number
// that is below zero as a C int.
func ParseMask(text string) (mask Class, ok bool) {
	if text == "" {
		return 0, false
	}
	if strings.Trim(text, "0123456789") == "" {
		n, _ := strconv.ParseInt(text, 10, 64) // the largest there is for a larger one, as C's strtol
		bits := int32(n)
		return Class(bits), bits >= 0
	}
	switch {
	case isFalse(text):
		return ClassNone, true
	case isTrue(text):
		return ClassAll, true
	}
	for name := range strings.SplitSeq(text, ",") {
		if c, known := ClassByName(name); known {
			mask |= c
		}
	}
	return mask, true
}

// isTrue and isFalse are Asterisk's ast_true and ast_false (utils.c).
func isTrue(s string) bool {
	return containsFold([]string{"yes", "true", "y", "t", "1", "on"}, s)
}

func isFalse(s string) bool {
	return containsFold([]string{"no", "false", "n", "f", "0", "off"}, s)
}

// IsTrue tells whether a header's value means yes, as Asterisk's ast_true does.
func IsTrue(value string) bool { return isTrue(value) }

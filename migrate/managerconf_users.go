package migrate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
)

// managerUser is a section of manager.conf as a user of ours, with what there is to say of it.
type managerUser struct {
	access.UserConfig
	where  string
	notes  []string
	warns  []string
	rules  []variable // deny and permit
	named  []variable // acl
	single bool
}

func (u *managerUser) note(format string, args ...any) {
	u.notes = append(u.notes, fmt.Sprintf(format, args...))
}

func (u *managerUser) warn(v variable, format string, args ...any) {
	u.warns = append(u.warns, v.where+": "+fmt.Sprintf(format, args...))
}

func (m *managerConf) people(usersConf bool) {
	m.out.heading("Who may log in: the users of manager.conf, with the rights that they have there.")
	m.out.note("Who has not system in write is refused what reaches programs and files of Asterisk's machine by Originate and its like, more strictly than by " +
		"Asterisk: see allow_applications and allow_functions. Actions that Asterisk leaves open to everybody and that change something need system, too.")
	if usersConf {
		m.out.warn("there is a users.conf beside manager.conf. Its users with hasmanager = yes are not here; write them as these.")
	}
	written := 0
	taken := map[string]string{}
	for _, c := range m.users {
		if m.person(c, taken) {
			written++
		}
	}
	if written == 0 {
		m.out.blank()
		m.out.warn("there is nobody in manager.conf who could log in. This user is an example; its secret is new, and it sees and may nothing.")
		m.out.table("[[user]]")
		m.out.set("name", "monitor")
		m.out.set("secret", m.options.newSecret())
		m.out.set("read", []string{})
		m.out.set("write", []string{})
	}
}

// person writes one [[user]], if it can be one.
func (m *managerConf) person(c *category, taken map[string]string) bool {
	u := m.readUser(c)
	m.out.blank()
	for _, text := range u.warns {
		m.out.warn("%s", text)
	}
	for _, text := range u.notes {
		m.out.note("%s", text)
	}
	if why := unfitManager(u, taken); why != "" {
		m.out.warn("%s: user %q is left out: %s.", u.where, u.Name, why)
		return false
	}
	taken[strings.ToLower(u.Name)] = u.where
	m.out.table("[[user]]")
	m.out.set("name", u.Name)
	m.out.set("secret", string(u.Secret))
	m.out.set("read", u.Read)
	m.out.set("write", u.Write)
	if len(u.ACL) > 0 {
		m.out.set("acl", u.ACL)
	}
	if len(u.EventFilter) > 0 {
		m.out.set("eventfilter", u.EventFilter)
	}
	if len(u.SetVar) > 0 {
		m.out.set("setvar", u.SetVar)
	}
	if u.MaxConnections > 0 {
		m.out.set("max_connections", u.MaxConnections)
	}
	return true
}

func unfitManager(u *managerUser, taken map[string]string) string {
	switch {
	case taken[strings.ToLower(u.Name)] != "":
		return fmt.Sprintf("the section at %s has the same name, without case. Asterisk lets the later one change the earlier", taken[strings.ToLower(u.Name)])
	case u.Secret == "":
		return "it has no secret"
	case !writable(slices.Concat([]string{u.Name, string(u.Secret)}, u.EventFilter, u.SetVar)...):
		return "it is not UTF-8, which TOML is"
	case u.Secret.Hashed():
		return "its secret looks like a hash by bcrypt, and would be taken for one. Give it another secret"
	}
	if err := u.Validate(); err != nil {
		return strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return ""
}

func (m *managerConf) readUser(c *category) *managerUser {
	u := &managerUser{where: c.where, single: m.singleLogin}
	u.Name, u.Read, u.Write = c.name, []string{}, []string{}
	for _, v := range c.variables {
		m.readKey(u, v)
	}
	if u.single {
		u.MaxConnections = 1
	}
	m.networks(u)
	return u
}

// readKey reads a line of a user's section, as __init_manager does.
func (m *managerConf) readKey(u *managerUser, v variable) {
	switch name := strings.ToLower(v.name); {
	case name == "secret":
		u.Secret = access.Secret(v.value)
	case name == "read":
		u.Read = classList(u, v)
	case name == "write":
		u.Write = classList(u, v)
	case name == "deny" || name == "permit":
		u.rules = append(u.rules, v)
	case name == "acl":
		u.named = append(u.named, v)
	case name == "allowmultiplelogin":
		u.single = !isTrue(v.value)
	case name == "displayconnects":
		u.note("displayconnects (%s): astproxy logs every login and logoff.", v.where)
	case name == "writetimeout":
		u.note("writetimeout (%s): a client that reads slowly is its own problem here, and has [events] memory to fall behind: see slow_client.", v.where)
	case name == "setvar":
		setVariable(u, v)
	case strings.HasPrefix(name, "eventfilter"):
		eventFilter(u, v)
	default:
		u.warn(v, "Asterisk knows no %q of a user, and ignores it.%s", v.name, meant(name, userNames))
	}
}

var userNames = []string{
	"secret", "read", "write", "deny", "permit", "acl", "allowmultiplelogin", "displayconnects", "writetimeout", "setvar", "eventfilter",
}

func setVariable(u *managerUser, v variable) {
	if _, _, is := strings.Cut(v.value, "="); !is {
		u.warn(v, "this setvar has no =, and Asterisk ignores it.")
		return
	}
	if err := (access.UserConfig{Name: "user", Secret: "secret", SetVar: []string{v.value}}).Validate(); err != nil {
		u.warn(v, "this setvar cannot be taken over: %s.", err)
		return
	}
	u.SetVar = append(u.SetVar, v.value)
}

func eventFilter(u *managerUser, v variable) {
	line := v.value
	if criteria := v.name[len("eventfilter"):]; criteria != "" {
		line = v.name + " = " + v.value
	}
	if _, err := filters.ParseLine(line); err != nil {
		what := err.Error()
		if wrong := (*filters.Error)(nil); errors.As(err, &wrong) {
			what = wrong.Error()
		}
		u.warn(v, "this eventfilter does not parse, and is left out, as Asterisk leaves out what it cannot parse: %q", what)
		return
	}
	u.EventFilter = append(u.EventFilter, line)
}

// classList reads read or write as manager.c, get_perm: a class counts if one of the list's words is it, or
// begins as it does and is not the last; blanks belong to the words.
func classList(u *managerUser, v variable) []string {
	granted := []string{}
	for _, name := range ami.ClassNames() {
		if name != "none" && inString(v.value, name) {
			granted = append(granted, name)
		}
	}
	for word := range strings.SplitSeq(strings.TrimSuffix(v.value, ","), ",") {
		if word == "none" || word == "" && v.value == "" {
			continue
		}
		if class, known := ami.ClassByName(word); known && class != 0 {
			continue
		}
		if word == "" {
			u.warn(v, "%s has a comma too much, which to Asterisk is every class. It is, here, too; take it out.", strings.ToLower(v.name))
			continue
		}
		u.warn(v, "%s: Asterisk knows no class %q, as it stands there with its blanks; what it makes of it is the list below, which may not be what is meant.",
			strings.ToLower(v.name), word)
	}
	if slices.Contains(granted, "all") {
		return []string{"all"}
	}
	return granted
}

// inString is manager.c's ast_instring.
func inString(list, name string) bool {
	for {
		word, rest, more := strings.Cut(list, ",")
		if !more {
			return word == name
		}
		if strings.HasPrefix(name, word) {
			return true
		}
		if rest == "" {
			return false
		}
		list = rest
	}
}

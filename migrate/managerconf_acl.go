package migrate

import (
	"strings"

	"github.com/astproxy/astproxy/access"
)

// nobody is the ACL of a user whose networks are not known: better nobody than everybody.
var nobody = []string{"deny 0.0.0.0/0", "deny ::/0"}

// namedACLs reads the acl.conf beside a manager.conf; nil: there is none.
func namedACLs(path string) *asteriskFile {
	other := beside(path, "acl.conf")
	if other == "" {
		return nil
	}
	file, err := readAsterisk(other)
	if err != nil {
		return nil
	}
	return file
}

// networks puts a user's deny, permit and acl lines together. Of several lists Asterisk wants each to let an
// address in, which one list here cannot say.
func (m *managerConf) networks(u *managerUser) {
	lists := len(u.named)
	if len(u.rules) > 0 {
		lists++
	}
	switch {
	case lists == 0:
	case lists > 1:
		u.warn(u.named[0], "an address must be let in by each of several lists (acl, or deny and permit as well), which is one list here. Nobody gets in until "+
			"you write it below.")
		u.ACL = nobody
	case len(u.rules) > 0:
		u.ACL = rules(u, u.rules)
	default:
		m.namedACL(u, u.named[0])
	}
}

func (m *managerConf) namedACL(u *managerUser, v variable) {
	var section *category
	if m.acls != nil {
		section = m.acls.find(v.value)
	}
	if section == nil {
		u.warn(v, "there is no ACL %q in an acl.conf beside manager.conf. Nobody gets in until you write its networks below.", v.value)
		u.ACL = nobody
		return
	}
	u.note("acl (%s): the lines of [%s] in acl.conf.", v.where, v.value)
	var lines []variable
	for _, line := range section.variables {
		if name := strings.ToLower(line.name); name == "deny" || name == "permit" {
			lines = append(lines, line)
		}
	}
	u.ACL = rules(u, lines)
}

// rules writes lines of deny and permit as ours: a line may have several networks, and a ! turns one around.
func rules(u *managerUser, lines []variable) (acl []string) {
	for _, v := range lines {
		for network := range strings.SplitSeq(v.value, ",") {
			sense := strings.ToLower(v.name)
			network = strings.TrimSpace(network)
			if turned, is := strings.CutPrefix(network, "!"); is {
				network = strings.TrimSpace(turned)
				sense = map[string]string{"deny": "permit", "permit": "deny"}[sense]
			}
			network = strings.NewReplacer("[", "", "]", "").Replace(network)
			line := sense + " " + network
			if err := (access.UserConfig{Name: "user", Secret: "secret", ACL: []string{line}}).Validate(); err != nil {
				u.warn(v, "%q is no network, and is left out, as Asterisk leaves it out.", network)
				continue
			}
			acl = append(acl, line)
		}
	}
	u.ACL = acl
	if u.ForgetsIPv6() {
		u.note("The list is about IPv4, and lets every IPv6 address in, as with Asterisk. deny ::/0 would not.")
	}
	return acl
}

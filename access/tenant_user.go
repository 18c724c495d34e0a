package access

import (
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// join makes the user one of a tenant; "" is of none.
func (u *User) join(tenants *Tenants, name string) error {
	if name == "" {
		return nil
	}
	o, known := tenants.numbered(name)
	if !known {
		return &ConfigError{Key: "tenant", Text: "there is no tenant named " + quote(name)}
	}
	u.tenants, u.tenant = tenants, o
	return nil
}

// Tenants are those that users may be of, and whose it is that is on the servers; nil: there are none.
func (u *Users) Tenants() *Tenants { return u.tenants }

// Tenant is the name of the tenant whose the user is; "" is of none.
func (u *User) Tenant() string {
	if u.tenant == nobody {
		return ""
	}
	return u.tenants.names[u.tenant-1]
}

// TenantTag is the tag of what the user may see; "" is all, for he is of no tenant.
func (u *User) TenantTag() string { return u.tenants.tagOf(u.tenant) }

// tagOf is tag, and "" without tenants.
func (t *Tenants) tagOf(o owner) string {
	if t == nil {
		return ""
	}
	return t.tag(o)
}

// SeesCommon tells of an event that it names nothing of anybody's: every tenant may see it.
func SeesCommon(event string) bool { return commonEvents.has(event) }

// JudgeItem decides whether the user sees an event that answers an action of his: an item of a list, or its end.
func (u *User) JudgeItem(known Channels, m ami.Message) Decision {
	if u.tenant == nobody {
		return allowed("open", "he is of no tenant")
	}
	if EndsList(m) || commonItems.has(m.Event()) {
		return allowed("tenant", "it names nothing of anybody's")
	}
	return u.judgeOwned(known, m, nil)
}

// EndsList tells whether an event is the end of a list, whatever version it is of.
func EndsList(m ami.Message) bool {
	return m.ClosesList() || strings.HasSuffix(m.Event(), "Complete")
}

// commonItems are those of lists that name nothing of anybody's; or, as the legs of a group call, are told to its owner alone.
var commonItems = newNameSet("BridgeTechnologyListItem", "GroupStatus")

// JudgeEventOf decides on an event by what it names, for a user who may see its classes. tags are those of
// channels that have to do with it.
func (u *User) JudgeEventOf(known Channels, m ami.Message, tags []string) Decision {
	switch {
	case u.tenant == nobody:
		return allowed("open", "he is of no tenant")
	case SeesCommon(m.Event()):
		return allowed("tenant", "every tenant may know how the server is")
	}
	return u.judgeOwned(known, m, tags)
}

func (u *User) judgeOwned(known Channels, m ami.Message, tags []string) Decision {
	is := u.tenants.eventOwner(m, known, tags)
	if is.owner == u.tenant {
		return allowed("tenant", "it names what is his, and nothing that is not")
	}
	return u.notHis(is.why(m))
}

// why says what keeps an event from somebody.
func (is ownership) why(m ami.Message) string {
	switch {
	case is.header == "Event":
		return "it is not known of " + quote(is.value) + " what it names"
	case is.owner == contested && is.value == "":
		return "what it says of " + is.header + " is of several"
	case is.owner == contested:
		return is.header + " is " + quote(is.value) + ", which is another's"
	case is.header != "":
		return "nobody knows whose that is which " + is.header + " names" + behindColon(is.value)
	case is.owner == nobody:
		return quote(m.Event()) + " names nothing that is his"
	}
	return "it is another tenant's"
}

func behindColon(value string) string {
	if value == "" {
		return ""
	}
	return ": " + quote(value)
}

// CommonEvents are the names of the events that SeesCommon tells of.
func CommonEvents() []string { return slices.Clone(commonEvents.names) }

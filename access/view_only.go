package access

import (
	"slices"
	"strings"
)

// only are the names of events of which a user sees no others, and noVariables tells that he sees none of
// variables: the filters that users of astmanproxy had (its FILT_CDRONLY and so on).
type only struct {
	names       []string // in order; nil is all
	noVariables bool
}

// What each of the keys lets a user see: the names of Asterisk up to 11, which astmanproxy knew, and those
// that came after.
var (
	cdrEvents      = []string{"Cdr"}
	bridgeEvents   = []string{"Bridge", "BridgeCreate", "BridgeDestroy", "BridgeEnter", "BridgeInfoChannel", "BridgeLeave", "BridgeMerge", "BridgeVideoSourceUpdate"}
	transferEvents = []string{"AttendedTransfer", "BlindTransfer", "Transfer"}
	variableEvents = []string{"Set", "SetVar", "VarSet"}
)

func newOnly(c UserConfig) only {
	o := only{noVariables: c.NoVar}
	for _, each := range []struct {
		given bool
		names []string
	}{{c.CDROnly, cdrEvents}, {c.BridgeOnly, bridgeEvents}, {c.TransferOnly, transferEvents}} {
		if each.given {
			o.names = append(o.names, each.names...)
		}
	}
	slices.Sort(o.names)
	return o
}

// SeesEventsNamed tells whether the user sees events of that name, if his classes let him.
func (u *User) SeesEventsNamed(name string) bool {
	o := &u.view.only
	if o.noVariables && slices.Contains(variableEvents, name) {
		return false
	}
	return o.names == nil || slices.Contains(o.names, name)
}

// OnlyEvents are the names of the only events the user sees; nil: all.
func (u *User) OnlyEvents() []string { return slices.Clone(u.view.only.names) }

// OnlyKey is the same for users of whom SeesEventsNamed says the same.
func (u *User) OnlyKey() string {
	key := strings.Join(u.view.only.names, " ")
	if u.view.only.noVariables {
		key += " !"
	}
	return key
}

package hotdesk

import (
	"maps"
	"slices"
	"strings"
)

// picture is what one Asterisk should have, because of sessions.
type picture struct {
	// entries are AstDB's: by family and key, HOTDESK/user/741.
	entries map[string]string
	// members are those of queues.
	members map[seat]member
	// lamps are the users who are logged in, and at which devices.
	lamps map[string][]string
}

// seat is a place in a queue.
type seat struct{ queue, extension string }

// member is what a queue has of a member.
type member struct {
	name    string
	penalty int
	paused  bool
	reason  string
}

// picture is what sessions make of a server.
func (c *Config) picture(server string, all []*session) picture {
	p := picture{entries: map[string]string{}, members: map[seat]member{}, lamps: map[string][]string{}}
	for _, s := range sorted(all) {
		if s.Server != server {
			continue
		}
		p.lamps[s.User] = append(p.lamps[s.User], s.Device)
		p.entries[c.entry("device", deviceName(s.Device))] = s.User
		for key, value := range map[string]string{"callerid": s.CallerID, "context": s.Context, "mailbox": s.Mailbox} {
			if value != "" {
				p.entries[c.entry(key, s.User)] = value
			}
		}
		for _, q := range s.Queues {
			reason, paused := s.paused(q.Queue)
			p.members[seat{q.Queue, s.User}] = member{name: s.Name, penalty: q.Penalty, paused: paused, reason: reason}
		}
		if c.FreePBX {
			p.entries["DEVICE/"+deviceName(s.Device)+"/user"] = s.User
		}
	}
	for user, devices := range p.lamps {
		p.entries[c.entry("user", user)] = strings.Join(devices, "&") // as Dial has several
		if c.FreePBX {
			var names []string
			for _, device := range devices {
				names = append(names, deviceName(device))
			}
			p.entries["AMPUSER/"+user+"/device"] = strings.Join(names, "&")
		}
	}
	return p
}

// entry is where AstDB has something of the plugin's own.
func (c *Config) entry(kind, key string) string { return c.Family + "/" + kind + "/" + key }

// own are the kinds of the entries of Config.Family, of which there are no others but the plugin's.
var own = []string{"user", "device", "callerid", "context", "mailbox"}

// ours tells whether an entry of AstDB is one that the plugin makes, and the claim of whoever it is about.
func (c *Config) ours(server, path string) (claim string, is bool) {
	parts := strings.Split(path, "/")
	if len(parts) == 3 && parts[0] == c.Family && slices.Contains(own, parts[1]) {
		if parts[1] == "device" {
			return placeClaim(place{server, parts[2]}), true
		}
		return userClaim(parts[2]), true
	}
	if !c.FreePBX || len(parts) != 3 {
		return "", false
	}
	switch {
	case parts[0] == "DEVICE" && parts[2] == "user":
		return placeClaim(place{server, parts[1]}), true
	case parts[0] == "AMPUSER" && parts[2] == "device":
		return userClaim(parts[1]), true
	}
	return "", false
}

// noUser is what FreePBX has where nobody is logged in, in the place of an entry that is gone; "": the entry is gone.
func noUser(path string) string {
	if strings.HasPrefix(path, "DEVICE/") {
		return "none"
	}
	return ""
}

// interfaceName is what queues call for a user.
func (c *Config) interfaceName(extension string) string {
	return "Local/" + extension + "@" + c.Context + "/n"
}

// extensionOf is the user that queues call by an interface.
func (c *Config) extensionOf(interfaceName string) (extension string, is bool) {
	rest, local := strings.CutPrefix(interfaceName, "Local/")
	extension, end := strings.CutSuffix(rest, "@"+c.Context+"/n")
	return extension, local && end && rightExtension.MatchString(extension)
}

// lampOf is the device whose state is a user's.
func (c *Config) lampOf(extension string) string { return "Custom:" + c.Lamp + extension }

// Device states that the plugin knows by name (devicestate.c).
const (
	stateUnknown     = "UNKNOWN"
	stateNotInUse    = "NOT_INUSE"
	stateInvalid     = "INVALID"
	stateUnavailable = "UNAVAILABLE"
)

// weight is how much a device's state counts where a user has several: the busiest does. It is the order of Asterisk's own
// combination (devicestate.c, ast_devstate_aggregate), as far as it matters to who wants to reach somebody.
var weight = map[string]int{
	stateInvalid: 0, stateUnavailable: 1, stateUnknown: 2, stateNotInUse: 3, "ONHOLD": 4, "RINGING": 5, "BUSY": 6, "RINGINUSE": 7, "INUSE": 8,
}

// combined is the state of a user with devices of these; without any he cannot be reached.
func combined(states []string) string {
	shown := stateUnavailable
	for i, s := range states {
		if _, known := weight[s]; !known {
			s = stateUnknown
		}
		if i == 0 || weight[s] > weight[shown] {
			shown = s
		}
	}
	if shown == stateInvalid {
		return stateUnavailable
	}
	return shown // unknown too: a queue calls who is
}

// inCall tells whether somebody talks, or is about to, at a device of a state.
func inCall(state string) bool { return weight[state] > weight[stateNotInUse] }

// keysOf are the keys of a map, sorted.
func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// seatsOf are the seats of a picture, sorted.
func seatsOf(m map[seat]member) []seat {
	return slices.SortedFunc(maps.Keys(m), func(a, b seat) int {
		return strings.Compare(a.queue+"\x00"+a.extension, b.queue+"\x00"+b.extension)
	})
}

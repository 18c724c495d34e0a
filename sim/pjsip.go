package sim

import (
	_ "embed"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"PJSIPShowEndpoints": (*session).pjsipShowEndpoints,
		"PJSIPShowEndpoint":  (*session).pjsipShowEndpoint,
		"PJSIPShowContacts":  (*session).pjsipShowContacts,
	})
}

// endpointDetail is what an Asterisk 22 says of an endpoint and its AOR, 109 both.
//
//go:embed endpoint-22.txt
var endpointDetail string

// Register registers a phone and tells all, as a phone that comes does. It does nothing when it is so already
// or there is no such phone; a restart makes all as configured.
func (s *Server) Register(endpoint string) { s.pbx.register(endpoint, true) }

// Unregister makes a phone unreachable and tells all, as a phone that goes does; otherwise it is as Register.
func (s *Server) Unregister(endpoint string) { s.pbx.register(endpoint, false) }

func (p *pbx) register(endpoint string, online bool) {
	p.do(func() {
		for i := range p.phones {
			phone := &p.phones[i]
			if phone.Endpoint != endpoint || phone.Offline != online {
				continue
			}
			phone.Offline = !online
			peer, contact := "Unreachable", "Removed"
			if online {
				peer, contact = "Reachable", "NonQualified"
			}
			device := "PJSIP/" + endpoint
			p.tell("PeerStatus", "system", nil, "ChannelType", "PJSIP", "Peer", device, "PeerStatus", peer)
			p.tell("ContactStatus", "system", nil, "URI", phone.uri(), "ContactStatus", contact, "AOR", endpoint,
				"EndpointName", endpoint, "RoundtripUsec", "0")
			p.setDevice(device, p.phoneState(device))
		}
	})
}

// uri is where a phone of the simulation is.
func (phone *Phone) uri() string { return "sip:" + phone.Endpoint + "@127.0.0.1:5060" }

// contact is its registration, "" when it has none.
func (phone *Phone) contact() string {
	if phone.Offline {
		return ""
	}
	return phone.Endpoint + "/" + phone.uri()
}

// endpointState is a device's state in the words of PJSIP.
func endpointState(state string) string {
	switch state {
	case deviceNotInUse:
		return "Not in use"
	case deviceInUse:
		return "In use"
	case deviceRinging:
		return "Ringing"
	}
	return "Unavailable"
}

// activeChannels counts the channels of a device; 16 says nothing instead of 0.
func (p *pbx) activeChannels(device string) string {
	n := 0
	for _, c := range p.channels {
		if c.device() == device {
			n++
		}
	}
	if n == 0 && p.config.asterisk16() {
		return ""
	}
	return strconv.Itoa(n)
}

func (c *session) pjsipShowEndpoints(m ami.Message) bool {
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for i := range p.phones {
			items = append(items, p.listEndpoint(m, &p.phones[i]))
		}
	})
	return c.list(m, "A listing of Endpoints follows, presented as EndpointList events", "EndpointListComplete", items)
}

func (p *pbx) listEndpoint(m ami.Message, phone *Phone) *ami.Builder {
	device := "PJSIP/" + phone.Endpoint
	contacts := phone.contact()
	if contacts != "" {
		contacts += ","
	}
	return item(m, "EndpointList").
		Add("ObjectType", "endpoint").
		Add("ObjectName", phone.Endpoint).
		Add("Transport", "").
		Add("Aor", phone.Endpoint).
		Add("Auths", phone.Endpoint).
		Add("OutboundAuths", "").
		Add("Contacts", contacts).
		Add("DeviceState", endpointState(p.devices.get(device))).
		Add("ActiveChannels", p.activeChannels(device))
}

// pjsipShowEndpoint shows an endpoint, its AOR and its contact. Most of that is recorded.
func (c *session) pjsipShowEndpoint(m ami.Message) bool {
	name := m.Get("Endpoint")
	if name == "" {
		return c.fail(m, "PJSIPShowEndpoint requires an endpoint name")
	}
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for i := range p.phones {
			if p.phones[i].Endpoint == name {
				items = p.detail(m, &p.phones[i])
			}
		}
	})
	if items == nil {
		return c.fail(m, "Unable to retrieve endpoint "+name)
	}
	return c.list(m, "Following are Events for each object associated with the Endpoint", "EndpointDetailComplete", items)
}

func (p *pbx) detail(m ami.Message, phone *Phone) []*ami.Builder {
	device := "PJSIP/" + phone.Endpoint
	registered := zeroOne(!phone.Offline)
	current := map[string]string{
		"Callerid":           `"` + phone.Name + `" <` + phone.Endpoint + ">",
		"DeviceState":        endpointState(p.devices.get(device)),
		"ActiveChannels":     p.activeChannels(device),
		"Contacts":           phone.contact(),
		"TotalContacts":      registered,
		"ContactsRegistered": registered,
	}
	var items []*ami.Builder
	for block := range strings.SplitSeq(endpointDetail, "\n\n") {
		recorded := ami.Parse(block)
		b := item(m, recorded.Event())
		for name, value := range recorded.All() {
			if name == "Event" || name == "ActionID" {
				continue
			}
			if now, changes := current[name]; changes {
				value = now
			}
			b.Add(name, strings.ReplaceAll(value, "109", phone.Endpoint))
		}
		items = append(items, b)
	}
	if !phone.Offline {
		items = append(items, addAll(item(m, "ContactStatusDetail"), []string{
			"AOR", phone.Endpoint, "URI", phone.uri(), "UserAgent", userAgent, "RegExpire", expiration(),
			"ViaAddress", "127.0.0.1:5060", "CallID", phone.callID(), "Status", "NonQualified", "RoundtripUsec", "N/A",
			"EndpointName", phone.Endpoint, "ID", phone.contactID(), "AuthenticateQualify", "0", "OutboundProxy", "", "Path", "",
			"QualifyFrequency", "0", "QualifyTimeout", "3.000", "Qualify2xxOnly", "0",
		}))
	}
	return items
}

const userAgent = "Simulated phone"

func expiration() string { return strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10) }

func (phone *Phone) callID() string { return "simulated-" + phone.Endpoint }

func (phone *Phone) contactID() string { return phone.Endpoint + ";@simulated" }

func (c *session) pjsipShowContacts(m ami.Message) bool {
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for i := range p.phones {
			if phone := &p.phones[i]; !phone.Offline {
				items = append(items, phone.listContact(m))
			}
		}
	})
	if len(items) > 0 {
		return c.list(m, "A listing of Contacts follows, presented as ContactList events", "ContactListComplete", items)
	}
	// This error ends in an empty line more than others.
	b := ami.NewResponse("Error", m.ActionID()).Add("Message", "No Contacts found")
	return c.write(appendBlock(nil, event{message: b.Message(), blanks: 1}))
}

func (phone *Phone) listContact(m ami.Message) *ami.Builder {
	return addAll(item(m, "ContactList"), []string{
		"ObjectType", "contact", "ObjectName", phone.contactID(), "ViaAddr", "127.0.0.1", "QualifyTimeout", "3.000000",
		"Qualify2xxOnly", "false", "CallId", phone.callID(), "RegServer", "", "PruneOnBoot", "no", "Path", "",
		"Endpoint", phone.Endpoint, "ViaPort", "5060", "AuthenticateQualify", "no", "Uri", phone.uri(), "QualifyFrequency", "0",
		"UserAgent", userAgent, "ExpirationTime", expiration(), "OutboundProxy", "", "Status", "NonQualified", "RoundtripUsec", "N/A",
	})
}

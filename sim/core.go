package sim

import (
	"strconv"
	"time"

	"github.com/astproxy/astproxy/ami"
)

var _ = simulates(map[string]func(*session, ami.Message) bool{
	"CoreSettings":       (*session).coreSettings,
	"CoreStatus":         (*session).coreStatus,
	"MailboxCount":       (*session).mailboxCount,
	"MailboxStatus":      (*session).mailboxStatus,
	"PJSIPShowEndpoints": (*session).pjsipShowEndpoints,
	"PJSIPShowContacts":  (*session).pjsipShowContacts,
	"Reload":             (*session).reload,
	"LoggerRotate":       func(c *session, m ami.Message) bool { return c.ack(m, "Reloaded the logger and rotated log files") },
})

// asteriskVersion is what the recorded Asterisks say of themselves.
func (c Config) asteriskVersion() string {
	if c.asterisk16() {
		return "16.28.0~dfsg-0+deb11u4"
	}
	return "22.10.1+dfsg+~cs6.17.60671434-1"
}

func (c *session) coreSettings(m ami.Message) bool {
	b := success(m).
		Add("AMIversion", c.server.config.Version).
		Add("AsteriskVersion", c.server.config.asteriskVersion()).
		Add("SystemName", "").
		Add("CoreMaxCalls", "0").
		Add("CoreMaxLoadAvg", "0.000000").
		Add("CoreRunUser", "").
		Add("CoreRunGroup", "").
		Add("CoreMaxFilehandles", "0").
		Add("CoreRealTimeEnabled", "No").
		Add("CoreCDRenabled", "Yes").
		Add("CoreHTTPenabled", "Yes")
	if !c.server.config.asterisk16() {
		b.Add("SoundsSearchCustomDir", "No")
	}
	return c.send(b)
}

func (c *session) coreStatus(m ami.Message) bool {
	started := c.server.started.UTC()
	date, clock := started.Format("2006-01-02"), started.Format("15:04:05")
	var current, processed int
	p := c.server.pbx
	p.do(func() { current, processed = len(p.channels), p.calls.processed })
	b := success(m).
		Add("CoreStartupDate", date).
		Add("CoreStartupTime", clock).
		Add("CoreReloadDate", date).
		Add("CoreReloadTime", clock).
		Add("CoreCurrentCalls", strconv.Itoa(current))
	if !c.server.config.asterisk16() {
		b.Add("CoreProcessedCalls", strconv.Itoa(processed))
	}
	return c.send(b)
}

func (c *session) mailboxCount(m ami.Message) bool {
	box := m.Get("Mailbox")
	if box == "" {
		return c.fail(m, "Mailbox not specified")
	}
	return c.send(success(m).Add("Message", "Mailbox Message Count").Add("Mailbox", box).
		Add("UrgMessages", "0").Add("NewMessages", "0").Add("OldMessages", "0"))
}

func (c *session) mailboxStatus(m ami.Message) bool {
	box := m.Get("Mailbox")
	if box == "" {
		return c.fail(m, "Mailbox not specified")
	}
	return c.send(success(m).Add("Message", "Mailbox Status").Add("Mailbox", box).Add("Waiting", "0"))
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

// contact is where a phone of the simulation is registered.
func (phone Phone) contact() string {
	if phone.Offline {
		return ""
	}
	return phone.Endpoint + "/sip:" + phone.Endpoint + "@127.0.0.1:5060"
}

func (c *session) pjsipShowEndpoints(m ami.Message) bool {
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for _, phone := range p.config.Phones {
			device := "PJSIP/" + phone.Endpoint
			items = append(items, p.listEndpoint(m, phone, device))
		}
	})
	return c.list(m, "A listing of Endpoints follows, presented as EndpointList events", "EndpointListComplete", items)
}

func (p *pbx) listEndpoint(m ami.Message, phone Phone, device string) *ami.Builder {
	active := 0
	for _, ch := range p.channels {
		if ch.device() == device {
			active++
		}
	}
	contacts, channels := phone.contact(), strconv.Itoa(active)
	if contacts != "" {
		contacts += ","
	}
	if active == 0 && p.config.asterisk16() {
		channels = ""
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
		Add("ActiveChannels", channels)
}

func (c *session) pjsipShowContacts(m ami.Message) bool {
	var items []*ami.Builder
	for _, phone := range c.server.config.Phones {
		if !phone.Offline {
			items = append(items, phone.listContact(m))
		}
	}
	if len(items) > 0 {
		return c.list(m, "A listing of Contacts follows, presented as ContactList events", "ContactListComplete", items)
	}
	// An error that ends in an empty line more than it should.
	b := ami.NewResponse("Error", m.ActionID()).Add("Message", "No Contacts found")
	return c.write(appendBlock(nil, event{message: b.Message(), blanks: 1}))
}

func (phone Phone) listContact(m ami.Message) *ami.Builder {
	uri := "sip:" + phone.Endpoint + "@127.0.0.1:5060"
	b := item(m, "ContactList").Add("ObjectType", "contact").Add("ObjectName", phone.Endpoint+";@simulated")
	return addAll(b, []string{
		"ViaAddr", "127.0.0.1:5060", "QualifyTimeout", "3.000000", "CallId", "simulated-" + phone.Endpoint, "RegServer", "",
		"PruneOnBoot", "no", "Path", "", "Endpoint", phone.Endpoint, "Uri", uri, "UserAgent", "simulated phone",
		"AuthenticateQualify", "no", "QualifyFrequency", "0", "ViaPort", "5060",
		"ExpirationTime", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10), "OutboundProxy", "", "Status", "NonQualified",
		"RoundtripUsec", "N/A",
	})
}

func (c *session) reload(m ami.Message) bool {
	if module := m.Get("Module"); module != "" {
		for _, known := range []string{"app_queue", "app_confbridge", "res_pjsip", "chan_pjsip", "manager", "cdr", "features", "logger", "pbx_config"} {
			if known == module || known+".so" == module {
				return c.ack(m, "Module Reloaded")
			}
		}
		return c.fail(m, "No such module")
	}
	return c.ack(m, "Module Reloaded")
}

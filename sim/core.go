package sim

import (
	"strconv"

	"github.com/astproxy/astproxy/ami"
)

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"CoreSettings":  (*session).coreSettings,
		"CoreStatus":    (*session).coreStatus,
		"MailboxCount":  (*session).mailboxCount,
		"MailboxStatus": (*session).mailboxStatus,
		"Reload":        (*session).reload,
		"LoggerRotate":  func(c *session, m ami.Message) bool { return c.ack(m, "Reloaded the logger and rotated log files") },
	})
}

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

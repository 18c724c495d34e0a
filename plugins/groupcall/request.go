package groupcall

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
	"github.com/astproxy/astproxy/plugins/groupcall/legs"
)

// request is what a GroupOriginate asks for.
type request struct {
	group, conference string
	destinations      []string
	exclude           []string
	goal              []header // the headers of Originate that say where who answers goes
	callerID          string
	variables         []string
	plan              legs.Plan // without destinations
}

// header is one of an action's.
type header struct{ name, value string }

// parse reads a GroupOriginate.
func (c *Config) parse(m ami.Message) (*request, error) {
	r := &request{
		group: strings.TrimSpace(m.Get("Group")), conference: strings.TrimSpace(m.Get("Conference")), callerID: m.Get("CallerID"),
		destinations: nonEmpty(m, "Destination"), exclude: nonEmpty(m, "Exclude"), variables: nonEmpty(m, "Variable"),
	}
	switch {
	case r.group == "" && len(r.destinations) == 0:
		return nil, plugins.Refuse(plugins.CodeMissing, "GroupOriginate needs a header Group, or Destination")
	case r.group != "" && len(r.destinations) > 0:
		return nil, plugins.Refuse(plugins.CodeInvalid, "There are both Group and Destination")
	}
	if err := r.parseGoal(m); err != nil {
		return nil, err
	}
	return r, r.parsePlan(c, m)
}

func nonEmpty(m ami.Message, name string) (all []string) {
	for v := range m.Values(name) {
		if v = strings.TrimSpace(v); v != "" {
			all = append(all, v)
		}
	}
	return all
}

// parseGoal reads where who answers goes: exactly one of the three forms.
func (r *request) parseGoal(m ami.Message) error {
	application, exten := m.Get("Application"), m.Get("Exten")
	var given []string
	for name, value := range map[string]string{"Conference": r.conference, "Application": application, "Exten": exten} {
		if value != "" {
			given = append(given, name)
		}
	}
	slices.Sort(given)
	if len(given) == 0 {
		return plugins.Refuse(plugins.CodeMissing, "GroupOriginate needs a header Conference, or Application, or Context and Exten")
	}
	if len(given) > 1 {
		return plugins.Refuse(plugins.CodeInvalid, "There are both %s and %s", given[0], given[1])
	}
	if application == "" && m.Get("Data") != "" {
		return plugins.Refuse(plugins.CodeInvalid, "Data is for Application")
	}
	if exten == "" && (m.Get("Context") != "" || m.Get("Priority") != "") {
		return plugins.Refuse(plugins.CodeInvalid, "Context and Priority are for Exten")
	}
	switch {
	case r.conference != "":
		if strings.Trim(r.conference, conferenceCharacters) != "" || len(r.conference) > 60 {
			return plugins.Refuse(plugins.CodeInvalid, "Conference may have letters, digits and +*#-_. only, and 60 of them")
		}
		r.goal = []header{{"Application", "ConfBridge"}, {"Data", r.conference}}
	case application != "":
		r.goal = []header{{"Application", application}, {"Data", m.Get("Data")}}
	default:
		if m.Get("Context") == "" {
			return plugins.Refuse(plugins.CodeMissing, "Exten needs a header Context")
		}
		priority := m.Get("Priority")
		if priority == "" {
			priority = "1"
		}
		r.goal = []header{{"Context", m.Get("Context")}, {"Exten", exten}, {"Priority", priority}}
	}
	return nil
}

// conferenceCharacters are what a conference's name may have: ConfBridge takes what is behind a comma for profiles.
const conferenceCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+*#-_."

func (r *request) parsePlan(c *Config, m ami.Message) error {
	r.plan = legs.Plan{Conference: r.conference, Grace: c.Watchdog, RetryOn: []legs.State{legs.Busy}}
	switch mode := m.Get("Mode"); strings.ToLower(mode) {
	case "", "all":
	case "first":
		r.plan.First = true
	default:
		return plugins.Refuse(plugins.CodeInvalid, "Mode is all or first, not %s", mode)
	}
	timeout, delay := int(c.Timeout/time.Millisecond), 5000
	for _, number := range []struct {
		name        string
		into        *int
		least, most int
	}{
		{"Concurrency", &r.plan.Concurrency, 0, 100_000},
		{"Timeout", &timeout, 1, int(maxTimeout / time.Millisecond)},
		{"Retries", &r.plan.Retries, 0, 100},
		{"RetryDelay", &delay, 0, int(maxTimeout / time.Millisecond)},
	} {
		text := strings.TrimSpace(m.Get(number.name))
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < number.least || n > number.most {
			return plugins.Refuse(plugins.CodeInvalid, "%s is a number from %d to %d, not %s", number.name, number.least, number.most, text)
		}
		*number.into = n
	}
	r.plan.Timeout, r.plan.RetryDelay = time.Duration(timeout)*time.Millisecond, time.Duration(delay)*time.Millisecond
	if on := m.Get("RetryOn"); on != "" {
		r.plan.RetryOn = nil
		for name := range strings.SplitSeq(on, ",") {
			state, known := legs.Retryable[strings.ToLower(strings.TrimSpace(name))]
			if !known {
				return plugins.Refuse(plugins.CodeInvalid, "RetryOn has busy, noanswer and congestion, not %s", name)
			}
			r.plan.RetryOn = append(r.plan.RetryOn, state)
		}
	}
	return nil
}

// action is the Originate of a leg. Without a uniqueid it is what is judged.
func (r *request) action(channel, uniqueid, token string) ami.Message {
	b := ami.NewAction("Originate").AddNonEmpty("ActionID", token).Add("Async", "true").Add("Channel", channel).AddNonEmpty("ChannelId", uniqueid)
	for _, h := range r.goal {
		b.AddNonEmpty(h.name, h.value)
	}
	b.Add("Timeout", strconv.Itoa(int(r.plan.Timeout/time.Millisecond))).AddNonEmpty("CallerID", r.callerID)
	for _, v := range r.variables {
		b.Add("Variable", v)
	}
	return b.Message()
}

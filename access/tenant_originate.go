package access

import (
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// tenantChecks are what is judged of a tenant's actions beyond single headers.
var tenantChecks = map[string]func(*Tenants, owner, ami.Message, Channels) (header, why string){
	"Originate":                   (*Tenants).checkOriginate,
	"Getvar":                      checkRead("Variable"),
	"Status":                      checkRead("Variables"),
	"Setvar":                      (*Tenants).checkSetvar,
	"ConfbridgeKick":              (*Tenants).checkParticipant,
	"ConfbridgeMute":              (*Tenants).checkParticipant,
	"ConfbridgeUnmute":            (*Tenants).checkParticipant,
	"ConfbridgeSetSingleVideoSrc": (*Tenants).checkParticipant,
}

// checkParticipant is for the channels of a conference that is the tenant's: all of them, or those whose names begin
// with a text (app_confbridge.c, action_mute_unmute_helper, kick_conference_participant).
func (t *Tenants) checkParticipant(his owner, action ami.Message, known Channels) (header, why string) {
	switch channel := action.Get("Channel"); {
	case channel == "", strings.EqualFold(channel, "all"), strings.EqualFold(channel, "participants"):
		return "", ""
	case t.channel(channel, known) != his:
		return "Channel", "is " + quote(channel) + ", which is not his"
	}
	return "", ""
}

// checkOriginate judges where a call comes from and where it goes.
func (t *Tenants) checkOriginate(his owner, action ami.Message, _ Channels) (header, why string) {
	const notHis = ", which is not his, or may reach something else besides"
	if channel := action.Get("Channel"); t.dialled(channel) != his {
		return "Channel", "is " + quote(channel) + notHis
	}
	context, application := action.Get("Context"), action.Get("Application")
	if context != "" && t.contexts.owner(context) != his {
		return "Context", "is " + quote(context) + ", which is not his"
	}
	if account := action.Get("Account"); account != "" && t.accounts.owner(account) != his {
		return "Account", "is " + quote(account) + ", which is not his"
	}
	for _, header := range []string{"ChannelId", "OtherChannelId"} {
		if id := action.Get(header); looksLikeChannel(id) {
			return header, "is " + quote(id) + ", which could be another channel's name or Uniqueid"
		}
	}
	switch {
	case application != "":
		if why := t.checkApplication(his, application, action.Get("Data")); why != "" {
			return "Data", why
		}
	case context == "":
		return "Context", "is missing: the call would go to what is nobody's"
	}
	for list := range action.Values("Variable") {
		if why := t.checkVariables(his, list); why != "" {
			return "Variable", why
		}
	}
	return "", ""
}

// looksLikeChannel tells what could be taken for a channel's name, or for a Uniqueid that Asterisk makes, a time and
// a number: a channel of that Uniqueid would pass for the other one.
func looksLikeChannel(id string) bool {
	if strings.ContainsAny(id, "/<> ") {
		return true
	}
	before, number, dotted := strings.Cut(id, ".")
	for {
		more, rest, again := strings.Cut(number, ".")
		if !again {
			break
		}
		before, number = more, rest
	}
	const digits = "0123456789"
	return dotted && strings.Trim(number, digits) == "" && strings.TrimRight(before, digits) != before
}

// tenantApplications are those a tenant's user may originate to, by what their data names. Data that names nothing is a
// sound, a text or a time. Of what is not here it cannot be told what it reaches.
var tenantApplications = map[string]func(*Tenants, owner, []string) bool{
	"answer": dataIsFree, "hangup": dataIsFree, "wait": dataIsFree, "waitexten": dataIsFree, "echo": dataIsFree, "milliwatt": dataIsFree,
	"musiconhold": dataIsFree, "playback": dataIsFree, "background": dataIsFree, "playtones": dataIsFree, "ringing": dataIsFree,
	"busy": dataIsFree, "congestion": dataIsFree, "progress": dataIsFree, "saydigits": dataIsFree, "saynumber": dataIsFree, "sayalpha": dataIsFree,
	"sayphonetic": dataIsFree, "noop": dataIsFree, "senddtmf": dataIsFree, "sendtext": dataIsFree,
	"confbridge": (*Tenants).dataIsConference, "meetme": (*Tenants).dataIsConference,
	"queue": (*Tenants).dataIsQueue, "dial": (*Tenants).dataIsDialled,
	"voicemail": (*Tenants).dataIsMailboxes,
}

func (t *Tenants) checkApplication(his owner, application, data string) string {
	check, known := tenantApplications[folded(strings.TrimSpace(application))]
	switch {
	case !known:
		return "is for the application " + quote(application) + ", of which it is not known what it reaches"
	case strings.ContainsAny(data, "${}\"\\|"):
		return "is " + quote(data) + ", which could be evaluated, or taken apart in several ways"
	case !check(t, his, strings.Split(data, ",")):
		return "is " + quote(data) + ", which reaches what is not his, or may"
	}
	return ""
}

func dataIsFree(*Tenants, owner, []string) bool { return true }

// dataIsConference wants the room, and what it is like; a menu or a profile of the configuration's is not looked into.
func (t *Tenants) dataIsConference(his owner, arguments []string) bool {
	return t.conferences.owner(strings.TrimSpace(arguments[0])) == his
}

// dataIsQueue wants the queue, and nothing from the sixth argument on, which run something (app_queue.c, queue_exec).
func (t *Tenants) dataIsQueue(his owner, arguments []string) bool {
	return len(arguments) <= 5 && t.queues.owner(strings.TrimSpace(arguments[0])) == his
}

// dataIsDialled wants destinations and a time: many of Dial's options run something.
func (t *Tenants) dataIsDialled(his owner, arguments []string) bool {
	for to := range strings.SplitSeq(arguments[0], "&") {
		if t.dialled(to) != his {
			return false
		}
	}
	return len(arguments) <= 2
}

func (t *Tenants) dataIsMailboxes(his owner, arguments []string) bool {
	for box := range strings.SplitSeq(arguments[0], "&") {
		if t.mailbox(box) != his {
			return false
		}
	}
	return len(arguments) == 1 || len(arguments) == 2 && strings.Trim(arguments[1], "usbU") == ""
}

// tenantReadable are the functions whose value a tenant's user may ask for: of the channel itself.
var tenantReadable = set(`
	CALLERID CALLERPRES CDR CHANNEL CONNECTEDLINE HANGUPCAUSE JITTERBUFFER PJSIP_DTMF_MODE PJSIP_HEADER PJSIP_HEADERS
	PJSIP_RESPONSE_HEADER REDIRECTING SHARED SIPCHANINFO SIP_HEADER TALK_DETECT TIMEOUT`)

// checkRead wants names of variables, and functions of the channel itself with plain arguments. Asterisk looks for a
// variable that the channel has not among the global ones, which are the dialplan's.
func checkRead(header string) func(*Tenants, owner, ami.Message, Channels) (string, string) {
	return func(_ *Tenants, _ owner, action ami.Message, _ Channels) (string, string) {
		for part := range arguments(action.Get(header)) {
			if why := checkFunction(part, tenantReadable); why != "" {
				return header, why
			}
		}
		return "", ""
	}
}

// checkFunction wants the name of a variable, or one of some functions with one argument that names nothing else.
func checkFunction(name string, of map[string]bool) string {
	name = strings.TrimSpace(name)
	function, inside, is := strings.Cut(name, "(")
	switch {
	case strings.ContainsAny(name, "${}\"\\[]|"):
		return "has " + quote(name) + ", which could be evaluated"
	case !is && !strings.Contains(name, ")"):
		return ""
	case !is || !of[function]:
		return "has " + quote(name) + ", of which it is not known what it reaches"
	}
	inside, closed := strings.CutSuffix(inside, ")")
	if !closed || strings.ContainsAny(inside, "()/") || function == "SHARED" && strings.Contains(inside, ",") {
		return "has " + quote(name) + ", which can name another channel"
	}
	return ""
}

// tenantWritable are the functions a tenant's user may set.
var tenantWritable = set("CALLERID CALLERPRES CDR CHANNEL CONNECTEDLINE JITTERBUFFER REDIRECTING TALK_DETECT TIMEOUT VOLUME DENOISE AGC PITCH_SHIFT")

// goingVariables name where a call goes: a context, or a context among others (features, app_dial.c, app_queue.c).
var goingVariables = []string{
	"TRANSFER_CONTEXT", "FORWARD_CONTEXT", "GOTO_ON_BLINDXFR", "MACRO_CONTEXT", "DIALEDPEERNAME", "BRIDGEPEER", "PARKINGLOT", "PARKINGDYNAMIC", "PARKINGDYNCONTEXT", "DYNAMIC_FEATURES",
	"QUEUE_MIN_PENALTY", "MACRO_RESULT", "GOSUB_RESULT", "PARKINGEXTEN", "SPYGROUP", "ATTENDEDTRANSFER", "BLINDTRANSFER", "PICKUPMARK",
}

func (t *Tenants) checkSetvar(his owner, action ami.Message, _ Channels) (header, why string) {
	if why := t.checkVariable(his, action.Get("Variable"), action.Get("Value")); why != "" {
		return "Variable", why
	}
	return "", ""
}

// checkVariables judges a list of names and values. A function's argument has no comma here, so that nobody can take
// the list apart in another way.
func (t *Tenants) checkVariables(his owner, list string) string {
	for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == '|' }) {
		name, value, _ := strings.Cut(part, "=")
		if why := t.checkVariable(his, name, value); why != "" {
			return why
		}
	}
	return ""
}

func (t *Tenants) checkVariable(his owner, name, value string) string {
	if why := checkFunction(name, tenantWritable); why != "" {
		return why
	}
	function, inside, is := strings.Cut(strings.TrimSpace(name), "(")
	inside = folded(strings.TrimSpace(strings.TrimSuffix(inside, ")")))
	switch {
	case strings.Contains(value, "${"), strings.Contains(value, "$["):
		return "has " + quote(value) + ", which could be evaluated"
	case !is && slices.Contains(goingVariables, strings.ToUpper(strings.TrimLeft(function, "_"))):
		if t.contexts.owner(value) != his {
			return "has " + quote(name) + ", by which a call could go to what is not his"
		}
	case is && (strings.HasPrefix(inside, "accountcode") || strings.HasPrefix(inside, "peeraccount")):
		if t.accounts.owner(value) != his {
			return "has " + quote(name) + ", by which a call would become another's"
		}
	case function == "CHANNEL" && !writableChannel[inside]:
		return "has " + quote(name) + ", which does more than set the call"
	case function == "CHANNEL" && (strings.Contains(inside, "group") || inside == "parkinglot"):
		return "has " + quote(name) + ", by which calls of others could be picked up"
	}
	return ""
}

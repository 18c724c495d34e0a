package access

import "strings"

// readable are the functions of the dialplan whose value anybody may ask for who may ask at all: they
// run no program, read no file, ask no database and no other machine, evaluate no text, change nothing,
// and print no line ends. Every other is refused: those that Asterisk itself guards (those registered
// with ast_custom_function_register_escalating), those that it does not although they are as good (CURL,
// AST_CONFIG, ENV, REALTIME, EVAL_SUB, CUT...), those of func_odbc.conf, which can have any name, and those of
// modules that nobody has looked at.
var readable = set(`
	ABS AGENT AGC BASENAME CALLCOMPLETION CALLERID CALLERPRES CDR CDR_PROP CHANNEL CHANNELS CHANNEL_EXISTS CHECKSIPDOMAIN CONFBRIDGE_CHANNELS
	CONFBRIDGE_INFO CONNECTEDLINE CSV_QUOTE DAHDI_CHANNEL DENOISE DEVICE_STATE DIALPLAN_EXISTS DIRNAME EXCEPTION EXTENSION_STATE
	FAXOPT FEATURE FEATUREMAP GLOBAL GROUP GROUP_COUNT GROUP_LIST GROUP_MATCH_COUNT HANGUPCAUSE HANGUPCAUSE_KEYS HINT IAXPEER
	IAXVAR IFMODULE ISNULL JITTERBUFFER LEN MAILBOX_EXISTS MAX MD5 MEETME_INFO MIN MIXMONITOR MUTEAUDIO PARK_GET_CHANNEL PITCH_SHIFT
	PJSIP_AOR PJSIP_CONTACT PJSIP_DIAL_CONTACTS PJSIP_DTMF_MODE PJSIP_ENDPOINT PJSIP_HEADER PJSIP_HEADERS PJSIP_HEADER_PARAM
	PJSIP_MEDIA_OFFER PJSIP_MOH_PASSTHROUGH PJSIP_PARSE_URI PJSIP_PARSE_URI_FROM PJSIP_RESPONSE_HEADER PJSIP_RESPONSE_HEADERS
	PJSIP_SEND_SESSION_REFRESH PJSIP_TRANSFER_HANDLING POLARITY PRESENCE_STATE QUEUE_EXISTS QUEUE_GET_CHANNEL QUEUE_MEMBER
	QUEUE_MEMBER_COUNT QUEUE_MEMBER_LIST QUEUE_MEMBER_PENALTY QUEUE_VARIABLES QUEUE_WAITING_COUNT QUOTE RAND REDIRECTING SHA1
	SHARED SIPCHANINFO SIPPEER SIP_HEADER SIP_HEADERS SYSINFO TALK_DETECT TIMEOUT TOLOWER TOUPPER TRANSFERSTATUS UUID
	VALID_EXTEN VERSION VMCOUNT VOLUME`)

// writable are the functions that anybody may set who may set variables: they change the call, and
// nothing else. CHANNEL is one by what it is asked for: its hangup handlers run dialplan.
var writable = set(`
	AGC CALLERID CALLERPRES CDR CDR_PROP CONNECTEDLINE DENOISE FAXOPT GROUP IAXVAR JITTERBUFFER MUTEAUDIO PITCH_SHIFT
	PJSIP_DTMF_MODE PJSIP_HEADER PJSIP_MEDIA_OFFER PJSIP_MOH_PASSTHROUGH QUEUE_MEMBER QUEUE_MEMBER_PENALTY REDIRECTING SHARED
	TALK_DETECT TIMEOUT VOLUME`)

var writableChannel = set(`
	accountcode amaflags callgroup language max_forwards musicclass namedcallgroup namedpickupgroup parkinglot pickupgroup tonezone
	userfield`)

func set(names string) map[string]bool {
	s := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		s[name] = true
	}
	return s
}

func (u *User) mayRead(function string) bool { return readable[function] || u.opens(function) }

// opens tells whether allow_functions has a function. Their names have a case (pbx_functions.c,
// ast_custom_function_find), in which nobody who configures needs to get it wrong.
func (u *User) opens(function string) bool {
	return u.rights.allowFunctions.hasFold(function)
}

// evaluated finds in a text what the user may not have Asterisk evaluate, however it is written; "" is
// nothing. A text without $ and parentheses never has any.
//
// Inside ${} only plain variables pass, and readable functions of plain text: with one inside another
// any name can be put together. Outside, what stands in front of a parenthesis is judged if it is a
// function's name by isFunction.
func (u *User) evaluated(text string, isFunction func(string) bool) string {
	if !mayEvaluate(text) {
		return ""
	}
	text = unescaped.Replace(text)
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "${"):
			inside, rest, closed := strings.Cut(text[i+2:], "}")
			if !closed || strings.HasPrefix(rest, "(") || !u.mayRefer(inside) {
				return quote(text[i:])
			}
			i += 2 + len(inside)
		case text[i] == '(':
			if name := nameBefore(text[:i]); isFunction(name) && !u.mayRead(name) {
				return quote(name + "(")
			}
		}
	}
	return ""
}

// mayEvaluate tells whether there is anything in a text that evaluated could find.
func mayEvaluate(text string) bool {
	return strings.IndexByte(text, '(') >= 0 || strings.IndexByte(text, '$') >= 0
}

// unescaped is what Asterisk makes of arguments: without quotes and backslashes (app.c,
// __ast_app_separate_args), so that SH"E"LL is SHELL.
var unescaped = strings.NewReplacer(`"`, "", `\`, "")

// mayRefer judges what stands in ${}.
func (u *User) mayRefer(inside string) bool {
	name, arguments, function := strings.Cut(inside, "(")
	if !function {
		return !strings.ContainsAny(inside, "${)")
	}
	return u.mayRead(name) && !strings.ContainsAny(arguments, "${(")
}

// reads judges what is given to be read: names of variables and functions, separated by commas.
func (u *User) reads(list string) string {
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '$', '{':
			return quote(list[i:])
		case '(':
			if name := nameBefore(list[:i]); !u.mayRead(name) {
				return quote(name + "(")
			}
		}
	}
	if part := runsPrograms(list); part != "" && !u.opensWith(part) {
		return quote(part)
	}
	if strings.Contains(strings.ToUpper(list), agiToken) { // functions such as GLOBAL and LEN take a variable's name
		return agiToken + ", the secret of agi:// listeners"
	}
	return ""
}

// agiToken is the global variable by which a dialplan shows a FastAGI server whose it is (package agi).
const agiToken = "ASTPROXY_TOKEN"

// runsPrograms is Asterisk's own check of what is read (manager.c,
// function_capable_string_allowed_with_auths).
func runsPrograms(list string) string {
	for _, part := range []string{"SHELL", "EVAL"} {
		if strings.Contains(list, part) {
			return part
		}
	}
	return ""
}

// nameBefore is the name that a text ends with.
func nameBefore(text string) string {
	i := len(text)
	for i > 0 && isNameByte(text[i-1]) {
		i--
	}
	return text[i:]
}

func isNameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c >= 0x80
}

// isDangerous tells names of functions that do what the guard is for. It is for texts that Asterisk does
// not evaluate by itself, so that a dialplan that does is handed none.
func isDangerous(name string) bool {
	name = strings.ToUpper(name)
	if dangerous[name] {
		return true
	}
	for _, prefix := range []string{"AST_", "DB_", "FILE_", "EVAL_", "ODBC", "REALTIME"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

var dangerous = set(`
	AES_DECRYPT BASE64_DECODE BLACKLIST CALENDAR_WRITE CURL CURLOPT DB DIALGROUP DUNDILOOKUP DUNDIQUERY ENV ENUMLOOKUP ENUMQUERY EVAL
	EXPORT FILE IMPORT LOCK MINIVMACCOUNT MINIVMCOUNTER PERIODIC_HOOK SHELL SORT STAT TRYLOCK UNLOCK URIDECODE VM_INFO`)

// looksLikeFunction tells names of functions, which have no lower-case letters, from words and from
// options of applications, such as Dial's L(60000). It is for texts in which a function has an effect: some
// applications take names of what to set.
func looksLikeFunction(name string) bool {
	const least = 4 // the functions with shorter names are known
	return isDangerous(name) || shortFunctions[name] ||
		len(name) >= least && strings.ToUpper(name) == name && strings.ContainsAny(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

var shortFunctions = set("CDR CUT IF POP SET")

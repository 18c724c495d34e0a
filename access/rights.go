package access

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// rights are what a user may do beyond the classes of his actions.
type rights struct {
	allowActions, denyActions         patterns // by name
	allowApplications, allowFunctions patterns // that the guard lets pass
	rules                             []rule
}

func newRights(c UserConfig) rights {
	r := rights{
		allowActions:      newPatterns(c.AllowActions),
		denyActions:       newPatterns(c.DenyActions),
		allowApplications: newPatterns(c.AllowApplications),
		allowFunctions:    newPatterns(c.AllowFunctions),
	}
	for i, each := range c.Rules {
		r.rules = append(r.rules, newRule(i, each))
	}
	return r
}

// Judge decides on an action with everything in it. The name and the classes are the server's own, from
// its ListCommands; the action's name is compared without case.
//
// In this order: deny_actions, the tenant's bounds by name, the classes or allow_actions, the rules, the guard, the
// tenant's bounds by what the action names, the channel filter. Of a tenant's user no channel is known but by its name: JudgeKnowing
// knows more.
func (u *User) Judge(name string, class ami.Class, action ami.Message) Decision {
	return u.JudgeKnowing(nil, name, class, action)
}

// JudgeKnowing is Judge with what is known of the channels of the server that the action is for; nil is nothing.
func (u *User) JudgeKnowing(known Channels, name string, class ami.Class, action ami.Message) Decision {
	decision := u.MayRun(name, class)
	if !decision.Allowed {
		return decision
	}
	named, ruled := u.judgeRules(name, action)
	if ruled.By != "" {
		if !ruled.Allowed {
			return ruled
		}
		decision = ruled
	}
	if why, ok := u.guard(name, action, named); !ok {
		return why
	}
	if u.tenant != nobody {
		if foreign, ok := u.judgeTenant(name, action, known); !ok {
			return foreign
		}
	}
	if filtered := u.judgeChannels(known, name, action); !filtered.Allowed {
		return filtered
	}
	return decision
}

// MayRun decides on an action by its name and classes alone: whether there is any form of it that the
// user may.
func (u *User) MayRun(name string, class ami.Class) Decision {
	if p, denied := u.rights.denyActions.matchFold(name); denied {
		return refused("deny_actions", "deny_actions has "+quote(p))
	}
	if u.tenant != nobody {
		if foreign, ok := u.mayRunAsTenant(name); !ok {
			return foreign
		}
	}
	switch {
	case class == ami.ClassNone && harmless(name):
		return allowed("open", "everybody who is logged in may: it has no class and changes nothing")
	case class == ami.ClassNone && u.write&ami.ClassSystem != 0:
		return allowed("write", "it has no class, and write has system")
	case class != ami.ClassNone && class&u.write != 0:
		return allowed("write", "write has one of its classes")
	}
	if p, does := u.rights.allowActions.matchFold(name); does {
		return allowed("allow_actions", p)
	}
	if class == ami.ClassNone {
		return refused("write", "it has no class but changes something, so it needs class system in write, or its name in allow_actions")
	}
	return refused("write", "it needs one of the classes "+class.String()+" in write, or its name in allow_actions")
}

// JudgeEvent decides on an event of these classes.
func (u *User) JudgeEvent(class ami.Class) Decision {
	if u.MaySee(class) {
		return allowed("read", "read has all of its classes")
	}
	if missing := class &^ u.read; missing&^ami.ClassUnknown != 0 && class != ami.ClassAll {
		return Decision{By: "read", Why: "read has not " + (missing &^ ami.ClassUnknown).String()}
	}
	return Decision{By: "read", Why: "it has a class that only who reads all has"}
}

// harmless tells whether an action that Asterisk gives no class only shows something. Of the others
// (QueueReset, QueueReload, QueueWithdrawCaller, QueueChangePriorityCaller, BridgeDestroy, BridgeKick,
// BridgeTechnologySuspend, DAHDIHangup, DAHDIRestart, PRIDebugSet...) each changes something, and one that
// is not known here could.
func harmless(name string) bool { return harmlessActions.has(name) }

// harmlessActions are those of Asterisk 1.8 to 22 that are registered with the classes 0
// (ast_manager_register_xml) and change nothing but the session's own state.
var harmlessActions = newNameSet(
	"BridgeInfo", "BridgeList", "BridgeTechnologyList", "Challenge", "DAHDIShowChannels", "DAHDIShowStatus", "DataGet", "Events",
	"ListCommands", "Login", "Logoff", "ParkedCalls", "Parkinglots", "Ping", "PRIShowSpans", "QueueRule", "Queues", "QueueStatus",
	"QueueSummary", "WaitEvent",
)

// quote shows a text of the configuration or of an action in a sentence: on one line, and not without
// end.
func quote(text string) string {
	const most = 80
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 {
			return '?'
		}
		return r
	}, text) + `"`
}

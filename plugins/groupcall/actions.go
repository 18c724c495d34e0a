package groupcall

import (
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// Actions implements plugins.Actor.
func (p *Plugin) Actions() []plugins.Action {
	return []plugins.Action{
		{
			Name: "GroupOriginate", Class: ami.ClassOriginate, FromDialplan: true, Headers: originateHeaders, Run: p.originate,
			Summary: "Call a whole group at once.",
		},
		{
			Name: "GroupCancel", Class: ami.ClassOriginate, FromDialplan: true, Run: p.cancel,
			Summary: "End a group call.",
			Headers: []plugins.Header{
				jobHeader,
				{Name: "KeepAnswered", Description: "yes: who has answered stays; otherwise all are hung up"},
			},
		},
		{
			Name: "GroupStatus", Class: ami.ClassOriginate, Run: p.status,
			Summary: "Show how it stands with each leg of a group call.",
			Headers: []plugins.Header{jobHeader},
		},
		{Name: "GroupList", Class: ami.ClassOriginate, Run: p.list, Summary: "List the groups there are."},
		{
			Name: "GroupShow", Class: ami.ClassOriginate, Run: p.show, Summary: "Show who is in a group.",
			Headers: []plugins.Header{{Name: "Group", Description: "the group's name", Required: true}},
		},
	}
}

var jobHeader = plugins.Header{Name: "JobID", Description: "that of the answer to GroupOriginate", Required: true}

var originateHeaders = []plugins.Header{
	{Name: "Group", Description: "the group to call; this or Destination"},
	{Name: "Destination", Description: "a number, or a channel as Originate has it", Repeated: true},
	{Name: "Conference", Description: "the conference that who answers enters; this, or Application, or Context, Exten and Priority"},
	{Name: "Application", Description: "the application that who answers gets"},
	{Name: "Data", Description: "the application's arguments"},
	{Name: "Context", Description: "where in the dialplan who answers goes"},
	{Name: "Exten", Description: "the extension there"},
	{Name: "Priority", Description: "the priority there; 1"},
	{Name: "Mode", Description: "all; or first: the first to answer ends all other legs"},
	{Name: "Concurrency", Description: "how many are called at once; all"},
	{Name: "Timeout", Description: "how long each is called, in milliseconds"},
	{Name: "Retries", Description: "how often one is tried again; 0"},
	{Name: "RetryDelay", Description: "after how many milliseconds; 5000"},
	{Name: "RetryOn", Description: "when: busy, noanswer, congestion, with commas between; busy"},
	{Name: "Exclude", Description: "a number or a channel that is not to be called", Repeated: true},
	{Name: "CallerID", Description: "what those who are called see"},
	{Name: "Variable", Description: "a channel variable, NAME=value", Repeated: true},
}

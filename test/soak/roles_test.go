package soak_test

import (
	"fmt"
	"strings"
)

// role is a user of the proxy: what its clients see, and what they are like.
type role struct {
	name    string
	share   int // of the clients, by comparison
	filters []string
	slow    string            // slow_client
	sees    [seriesCount]bool // which numbers
	calls   bool              // sees those, and everybody's own events
	freezes bool              // stops reading now and then
}

// withoutCEL leaves out the call records, which double what a call tells.
const withoutCEL = "eventfilter(action(exclude),name(CEL),method(none)) = "

var roles = []role{
	{
		name: "reader", share: 5, slow: "skip", sees: [seriesCount]bool{small: true}, calls: true,
		filters: []string{withoutCEL, "eventfilter(action(exclude),name(UserEvent),header(UserEvent),method(exact)) = SoakLarge"},
	},
	{
		name: "lamp", share: 7, slow: "skip", sees: [seriesCount]bool{small: true},
		filters: []string{"eventfilter(name(UserEvent),header(UserEvent),method(exact)) = SoakSmall", "eventfilter(name(ProxyServerStatus),method(none)) = "},
	},
	{
		name: "counter", share: 3, slow: "skip", sees: [seriesCount]bool{true, true}, freezes: true,
		filters: []string{"eventfilter(name(UserEvent),header(UserEvent),method(starts_with)) = Soak", "eventfilter(name(ProxyServerStatus),method(none)) = "},
	},
	{name: "patient", share: 3, slow: "skip", sees: [seriesCount]bool{true, true}, calls: true, freezes: true, filters: []string{withoutCEL}},
	{name: "hasty", share: 2, slow: "disconnect", sees: [seriesCount]bool{true, true}, calls: true, freezes: true, filters: []string{withoutCEL}},
}

// tablesOfRoles are the roles' users, in astproxy.toml. They see no class security, which has an event for every login.
func tablesOfRoles() string {
	var b strings.Builder
	for _, r := range roles {
		fmt.Fprintf(&b, "[[user]]\nname = %q\nsecret = %q\nread = [\"system\", \"call\", \"user\", \"dialplan\", \"agent\", \"reporting\"]\nwrite = [\"all\"]\nslow_client = %q\neventfilter = [", r.name, secret, r.slow)
		for _, f := range r.filters {
			fmt.Fprintf(&b, "%q, ", f)
		}
		b.WriteString("]\n")
	}
	return b.String()
}

// roleOf is the role of the client with that number, of its kind.
func roleOf(number int) *role {
	all := 0
	for _, r := range roles {
		all += r.share
	}
	// The step is no divisor of all, so that few clients have roles of all kinds.
	number = number * 3 % all
	for i := range roles {
		if number -= roles[i].share; number < 0 {
			return &roles[i]
		}
	}
	return &roles[0]
}

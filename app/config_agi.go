package app

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/astproxy/astproxy/agi"
)

// phones tells whether it is Asterisk that comes by the listener, with calls: agi://.
func (c ListenerConfig) phones() bool { return c.Scheme() == "agi" }

// agi is the listener as the server of scripts wants it.
func (c ListenerConfig) agi() agi.Config {
	a := agi.Config{Token: string(c.Token), Connections: c.ConnectionLimit}
	for _, text := range c.Networks {
		network, _ := parseNetwork(text) // they have been checked
		a.Networks = append(a.Networks, network)
	}
	return a
}

// parseNetwork reads an address, or a network such as 192.0.2.0/24.
func parseNetwork(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		address, err := netip.ParseAddr(text)
		if err != nil || address.Zone() != "" {
			return netip.Prefix{}, fmt.Errorf("%q is not an address or a network such as 192.0.2.0/24", text)
		}
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is not an address or a network such as 192.0.2.0/24", text)
	}
	return network.Masked(), nil
}

// checkAGI finds what is wrong with the keys about calls.
func (c ListenerConfig) checkAGI(report reporter) {
	if !c.phones() {
		const hint = "it is for a listener whose URL begins with agi://"
		if len(c.Networks) > 0 {
			report.hinted("networks", "networks is of no use here", hint)
		}
		if c.Token != "" {
			report.hinted("token", "token is of no use here", hint)
		}
		return
	}
	for i, text := range c.Networks {
		if _, err := parseNetwork(text); err != nil {
			report.problem(fmt.Sprintf("networks[%d]", i), err.Error())
		}
	}
	if strings.ContainsAny(string(c.Token), "&+%= \"'(),;\r\n\x00") {
		report.problem("token", "a token has only characters that stand for themselves in a dialplan and in a URL")
	}
}

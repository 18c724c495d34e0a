package access

import (
	"net/netip"
	"testing"
)

//astproxy:attack
func TestTheLastLineThatAnAddressIsInDecides(t *testing.T) {
	for _, test := range []struct {
		acl     []string
		address string
		want    bool
	}{
		{nil, "192.0.2.1", true},
		{[]string{"permit 10.0.0.0/8"}, "192.0.2.1", true}, // as with Asterisk
		{[]string{"deny 0.0.0.0/0", "permit 192.0.2.0/24"}, "192.0.2.1", true},
		{[]string{"deny 0.0.0.0/0", "permit 192.0.2.0/24"}, "192.0.3.1", false},
		{[]string{"permit 192.0.2.0/24", "deny 0.0.0.0/0"}, "192.0.2.1", false}, // the order counts
		{[]string{"deny 0.0.0.0/0.0.0.0", "permit 192.0.2.0/255.255.255.0"}, "192.0.2.255", true},
		{[]string{"deny 192.0.2.77/24"}, "192.0.2.1", false}, // bits behind the mask do not
		{[]string{"deny 192.0.2.1"}, "192.0.2.1", false},
		{[]string{"deny 192.0.2.1"}, "192.0.2.2", true},
		{[]string{"deny 192.0.2.1"}, "::ffff:192.0.2.1", false},
		{[]string{"deny ::ffff:192.0.2.0/120"}, "192.0.2.1", false},
		{[]string{"deny ::ffff:192.0.2.0/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00"}, "::ffff:192.0.2.1", false},
		{[]string{"deny ::ffff:192.0.2.0/120"}, "192.0.3.1", true},
		{[]string{"deny 0.0.0.0/0"}, "2001:db8::1", true}, // as with Asterisk; check warns
		{[]string{"deny ::/0", "permit 2001:db8::/32"}, "2001:db8::1", true},
		{[]string{"deny ::/0", "permit 2001:db8::/32"}, "2001:db9::1", false},
		{[]string{"deny ::/0", "permit fe80::/10"}, "fe80::1%eth0", true},
		{[]string{"DENY 2001:db8::/ffff:ffff::"}, "2001:db8::1", false},
	} {
		if err := checkNetworks(test.acl); err != nil {
			t.Errorf("%q: %v", test.acl, err)
		}
		if got := newACL(test.acl).permits(netip.MustParseAddr(test.address)); got != test.want {
			t.Errorf("%q: %s may: %t", test.acl, test.address, got)
		}
	}
	for _, wrong := range []string{"", "permit", "192.0.2.1", "allow 192.0.2.1", "deny 192.0.2", "deny 192.0.2.0/33", "deny 192.0.2.0/255.0.255.0",
		"deny 192.0.2.0/ffff::", "deny fe80::1%eth0", "permit 192.0.2.1, 192.0.2.2", "deny !192.0.2.1"} {
		if checkNetworks([]string{wrong}) == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

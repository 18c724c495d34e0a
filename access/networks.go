package access

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// network is one line of a user's ACL.
type network struct {
	permit bool
	prefix netip.Prefix
}

// acl says which addresses a user may come from. The last line that an address is in decides, and who is in
// none may, as in manager.conf (acl.c, ast_apply_ha). A line of IPv4 is about no IPv6 address, but for
// those that stand for an IPv4 one.
type acl []network

func (a acl) permits(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if !address.IsValid() { // it is in no network, and nobody's
		return len(a) == 0
	}
	for _, n := range slices.Backward(a) {
		if n.prefix.Contains(address) {
			return n.permit
		}
	}
	return true
}

// parseNetwork reads "permit 192.0.2.0/24": a network is an address, or one with how many bits of it count
// or with a netmask.
func parseNetwork(text string) (network, error) {
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	n := network{permit: strings.EqualFold(word, "permit")}
	if !n.permit && !strings.EqualFold(word, "deny") {
		return n, fmt.Errorf("%q is neither permit nor deny and a network", text)
	}
	prefix, err := parsePrefix(strings.TrimSpace(rest))
	if err != nil {
		return n, fmt.Errorf("%q: %w", text, err)
	}
	n.prefix = prefix
	return n, nil
}

var (
	errNetwork = errors.New("a network is an address such as 192.0.2.7, or one with a mask: 192.0.2.0/24, 192.0.2.0/255.255.255.0, 2001:db8::/32")
	errMask    = errors.New("the ones of a netmask stand before its zeros")
)

func parsePrefix(text string) (netip.Prefix, error) {
	written, mask, masked := strings.Cut(text, "/")
	address, err := netip.ParseAddr(written)
	if err != nil || address.Zone() != "" {
		return netip.Prefix{}, errNetwork
	}
	if !masked {
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	if netmask, err := netip.ParseAddr(mask); err == nil && netmask.BitLen() == address.BitLen() {
		bits, ok := ones(netmask)
		if !ok {
			return netip.Prefix{}, errMask
		}
		return unmapped(netip.PrefixFrom(address, bits)), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, errNetwork
	}
	return unmapped(prefix), nil
}

// unmapped is a network of IPv4 as one, however it is written: ::ffff:192.0.2.0/120 is 192.0.2.0/24.
func unmapped(p netip.Prefix) netip.Prefix {
	const before = 128 - 32
	if p.Addr().Is4In6() && p.Bits() >= before {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-before)
	}
	return p.Masked()
}

// ones is how many ones a netmask begins with; false: some come behind a zero.
func ones(mask netip.Addr) (bits int, ok bool) {
	over := false
	for _, b := range mask.AsSlice() {
		for i := 7; i >= 0; i-- {
			one := b>>i&1 == 1
			if one && over {
				return 0, false
			}
			if one {
				bits++
			}
			over = over || !one
		}
	}
	return bits, true
}

// checkNetworks finds what is wrong with a user's ACL.
func checkNetworks(lines []string) error {
	var errs []error
	for i, line := range lines {
		if _, err := parseNetwork(line); err != nil {
			errs = append(errs, &ConfigError{Key: fmt.Sprintf("acl[%d]", i), Text: err.Error()})
		}
	}
	return errors.Join(errs...)
}

// newACL expects lines that checkNetworks has found right.
func newACL(lines []string) (a acl) {
	for _, line := range lines {
		n, _ := parseNetwork(line)
		a = append(a, n)
	}
	return a
}

// ForgetsIPv6 tells whether the ACL keeps every IPv4 address out that it does not permit, and lets every
// IPv6 address in: hardly what is meant.
func (c UserConfig) ForgetsIPv6() bool {
	all, six := false, false
	for _, n := range newACL(c.ACL) {
		all = all || !n.permit && n.prefix.Bits() == 0 && n.prefix.Addr().Is4()
		six = six || n.prefix.Addr().Is6()
	}
	return all && !six
}

// MayComeFrom tells whether the user may log in from an address.
func (u *User) MayComeFrom(address netip.Addr) bool { return u.acl.permits(address) }

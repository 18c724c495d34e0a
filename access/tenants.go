package access

import (
	"errors"
	"fmt"
	"strings"
)

// Tenants says what belongs to which tenant by what it is called. It never changes; nil has no tenants.
type Tenants struct {
	names []string // of owner 1, 2...
	tags  []string // as Tag has them
	byTag map[string]owner

	channels, contexts, queues, endpoints, conferences, accounts claims
}

// owner is whose something is: nobody's, a tenant's, by its number from 1, or contested.
type owner int32

const (
	nobody    owner = 0
	contested owner = -1 // it is of several, or it names something of several
)

// and is whose something is that two things belong to.
func (o owner) and(other owner) owner {
	switch {
	case o == nobody || o == other:
		return other
	case other == nobody:
		return o
	}
	return contested
}

// NewTenants checks the configurations and makes a Tenants of them. The error joins everything that is wrong.
func NewTenants(configs []TenantConfig) (*Tenants, error) {
	if len(configs) == 0 {
		return nil, nil
	}
	t := &Tenants{byTag: map[string]owner{}}
	var errs []error
	for i, c := range configs {
		if err := c.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("tenant %q: %w", c.Name, err))
		}
		o := owner(i + 1)
		t.names, t.tags = append(t.names, c.Name), append(t.tags, tenantTag+c.Name)
		t.byTag[tenantTag+c.Name] = o
		for _, claim := range claimedKeys {
			for _, text := range claim.of(&c) {
				claim.in(t).add(text, o)
			}
		}
	}
	for _, err := range CheckTenants(configs) {
		errs = append(errs, fmt.Errorf("tenant %q: %w", configs[err.Tenant].Name, err.ConfigError))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return t, nil
}

// Channels knows what names do not tell: whose the channels and bridges of a server are. What it does not know is
// nobody's. Its answers are tags, of which those that Tenants makes count.
type Channels interface {
	// ChannelTags finds a channel as Asterisk does: by its name without case, or else by its Uniqueid.
	ChannelTags(nameOrUniqueid string) []string
	// BridgeTags are those of the channels in a bridge.
	BridgeTags(bridgeUniqueid string) []string
	// CallTags are those that channels with that Linkedid have had by themselves.
	CallTags(linkedid string) []string
}

// tenantTag is what the tag of a tenant begins with.
const tenantTag = "tenant "

// IsTenantTag tells whether a tag is a tenant's.
func IsTenantTag(tag string) bool { return strings.HasPrefix(tag, tenantTag) }

// numbered finds the tenant of that name.
func (t *Tenants) numbered(name string) (owner, bool) {
	if t != nil {
		for i := range t.names {
			if strings.EqualFold(t.names[i], name) {
				return owner(i + 1), true
			}
		}
	}
	return nobody, false
}

// NamedTag is the tag of the tenant of that name; "" is of none.
func (t *Tenants) NamedTag(name string) string {
	if o, known := t.numbered(name); known {
		return t.tag(o)
	}
	return ""
}

// tag is the tenant's; "" of nobody and of what is contested.
func (t *Tenants) tag(o owner) string {
	if o <= nobody {
		return ""
	}
	return t.tags[o-1]
}

// tagged is whose something with these tags is.
func (t *Tenants) tagged(tags []string) (o owner) {
	for _, tag := range tags {
		if IsTenantTag(tag) {
			o = o.and(t.byTag[tag])
		}
	}
	return o
}

// ChannelTag is the tag of the tenant a channel belongs to by itself: by its name, or else by its account code and
// the context it is in; "" is nobody's, or it is not clear whose. ByName tells that it is by its name, which never
// changes.
func (t *Tenants) ChannelTag(name, context, account string) (tag string, byName bool) {
	if t == nil {
		return "", false
	}
	if o := t.channelNamed(name); o != nobody {
		return t.tag(o), true
	}
	return t.tag(t.contexts.owner(context).and(t.accounts.owner(account))), false
}

// claims are texts and patterns, and whose each is.
type claims struct {
	texts      map[string]owner // folded
	beginnings map[string]owner // folded, without their *
	lengths    []int            // of beginnings
	mixed      []mixedClaim
}

type mixedClaim struct {
	pattern pattern
	owner   owner
}

func (c *claims) add(text string, o owner) {
	switch p := newPattern(text); p.form {
	case literal:
		put(&c.texts, folded(p.text), o)
	case beginning:
		put(&c.beginnings, folded(p.text), o)
		for _, n := range c.lengths {
			if n == len(p.text) {
				return
			}
		}
		c.lengths = append(c.lengths, len(p.text))
	default:
		c.mixed = append(c.mixed, mixedClaim{p, o})
	}
}

func put(m *map[string]owner, key string, o owner) {
	if *m == nil {
		*m = map[string]owner{}
	}
	(*m)[key] = o
}

// owner is whose a text is: who has the very text, or else whose patterns match it.
func (c *claims) owner(text string) (o owner) {
	if text == "" || len(c.texts)+len(c.beginnings)+len(c.mixed) == 0 {
		return nobody
	}
	var buffer [128]byte
	key := appendFolded(buffer[:0], text)
	if o, is := c.texts[string(key)]; is {
		return o
	}
	for _, n := range c.lengths {
		if n <= len(key) {
			o = o.and(c.beginnings[string(key[:n])])
		}
	}
	for i := range c.mixed {
		if c.mixed[i].pattern.matchesFold(text) {
			o = o.and(c.mixed[i].owner)
		}
	}
	return o
}

// appendFolded appends a text as it is compared: without case, as far as ASCII goes.
func appendFolded(dst []byte, text string) []byte {
	for i := range len(text) {
		c := text[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

func folded(text string) string { return string(appendFolded(nil, text)) }

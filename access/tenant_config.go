package access

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// TenantConfig is what an administrator writes about one tenant: one [[tenant]] table. Its lists are patterns, as
// those of actions are, compared without case: what one of them matches is the tenant's, and no other's.
type TenantConfig struct {
	// Name is what users name the tenant by. Names compare without case.
	Name string `toml:"name"`
	// Channels are channels by their whole names: "DAHDI/i1/*". Those of Endpoints need not be named.
	Channels []string `toml:"channels"`
	// Contexts are contexts of the dialplan, and of mailboxes.
	Contexts []string `toml:"contexts"`
	// Queues are queues by name, Conferences conference rooms, Accounts account codes.
	Queues      []string `toml:"queues"`
	Conferences []string `toml:"conferences"`
	Accounts    []string `toml:"accounts"`
	// Endpoints are endpoints and peers with their technology, "PJSIP/1001", agents, "Agent/7", and devices, "Custom:lamp".
	Endpoints []string `toml:"endpoints"`
}

// claimed is what tenants own, by its key in their configuration.
type claimed struct {
	key string
	of  func(*TenantConfig) []string
	in  func(*Tenants) *claims
}

var claimedKeys = []claimed{
	{"channels", func(c *TenantConfig) []string { return c.Channels }, func(t *Tenants) *claims { return &t.channels }},
	{"contexts", func(c *TenantConfig) []string { return c.Contexts }, func(t *Tenants) *claims { return &t.contexts }},
	{"queues", func(c *TenantConfig) []string { return c.Queues }, func(t *Tenants) *claims { return &t.queues }},
	{"endpoints", func(c *TenantConfig) []string { return c.Endpoints }, func(t *Tenants) *claims { return &t.endpoints }},
	{"conferences", func(c *TenantConfig) []string { return c.Conferences }, func(t *Tenants) *claims { return &t.conferences }},
	{"accounts", func(c *TenantConfig) []string { return c.Accounts }, func(t *Tenants) *claims { return &t.accounts }},
}

// Validate finds everything wrong with the tenant's configuration alone: nil, or *ConfigErrors joined. What several
// tenants claim CheckTenants finds.
func (c TenantConfig) Validate() error {
	var errs []error
	if c.Name == "" {
		errs = append(errs, &ConfigError{Key: "name", Text: "a tenant needs a name"})
	} else {
		errs = append(errs, checkName(c.Name))
	}
	owns := 0
	for _, claim := range claimedKeys {
		list := claim.of(&c)
		owns += len(list)
		for i, text := range list {
			if wrong := wrongClaim(claim.key, text); wrong != "" {
				errs = append(errs, &ConfigError{Key: fmt.Sprintf("%s[%d]", claim.key, i), Text: wrong})
			}
		}
	}
	if owns == 0 {
		errs = append(errs, &ConfigError{Key: "name", Text: "a tenant needs something that is its own: contexts, endpoints, queues..."})
	}
	return errors.Join(errs...)
}

func wrongClaim(key, text string) string {
	switch {
	case text == "":
		return "there is no name"
	case strings.ContainsFunc(text, unicode.IsControl):
		return "a name has no control characters in it"
	case matchesEverything(text):
		return fmt.Sprintf("%q matches everything, so all of it would be this tenant's", text)
	case key == "endpoints" && !strings.ContainsAny(text, "/:"):
		return fmt.Sprintf("%q has no technology: an endpoint is written as \"PJSIP/1001\"", text)
	}
	return ""
}

// matchesEverything tells whether nothing in a pattern is not a wildcard.
func matchesEverything(written string) bool {
	for rest := written; rest != ""; {
		_, wild, after := nextOf(rest)
		if !wild {
			return false
		}
		rest = after
	}
	return strings.Contains(written, "*")
}

// Generous is the first pattern that gives the tenant all there is of one technology, where there is one, and its
// key: it may be meant, if there is one tenant.
func (c TenantConfig) Generous() (key, text string) {
	for _, claim := range claimedKeys {
		for i, text := range claim.of(&c) {
			_, resource, technology := strings.Cut(text, "/")
			if technology && resource != "" && matchesEverything(resource) {
				return fmt.Sprintf("%s[%d]", claim.key, i), text
			}
		}
	}
	return "", ""
}

// TenantError is something wrong with what several tenants claim.
type TenantError struct {
	Tenant int // the index of the tenant that came later
	*ConfigError
}

// CheckTenants finds what several tenants claim, and names that several have.
func CheckTenants(configs []TenantConfig) (errs []TenantError) {
	names := map[string]int{}
	for i, c := range configs {
		if first, again := names[nameKey(c.Name)]; again && c.Name != "" {
			errs = append(errs, TenantError{i, &ConfigError{Key: "name", Text: fmt.Sprintf("a second tenant named %q", configs[first].Name)}})
		} else {
			names[nameKey(c.Name)] = i
		}
	}
	for _, claim := range claimedKeys {
		errs = append(errs, checkClaims(configs, claim)...)
	}
	return errs
}

// checkClaims finds the claims of two tenants that contradict each other: the same text, or two beginnings of which one
// begins with the other. What has wildcards elsewhere is not looked into: what two such match is nobody's.
func checkClaims(configs []TenantConfig, claim claimed) (errs []TenantError) {
	type first struct{ tenant, index int }
	claims, lengths := map[string]first{}, map[int]bool{} // beginnings have their *
	add := func(i, j int, text string, by first, other string) {
		errs = append(errs, TenantError{i, &ConfigError{
			Key:  fmt.Sprintf("%s[%d]", claim.key, j),
			Text: fmt.Sprintf("%q is claimed by tenant %q, too, by %q", text, configs[by.tenant].Name, other),
		}})
	}
	for i := range configs {
		for j, text := range claim.of(&configs[i]) {
			p := newPattern(text)
			key := folded(text)
			if p.form == literal {
				key = folded(p.text)
			}
			if by, again := claims[key]; again && by.tenant != i {
				add(i, j, text, by, claim.of(&configs[by.tenant])[by.index])
			} else if !again {
				claims[key] = first{i, j}
			}
			if p.form == beginning {
				lengths[len(p.text)] = true
			}
		}
	}
	for i := range configs {
		for j, text := range claim.of(&configs[i]) {
			p := newPattern(text)
			if p.form != beginning {
				continue
			}
			for _, n := range slices.Sorted(maps.Keys(lengths)) {
				if n >= len(p.text) {
					break
				}
				if by, also := claims[folded(p.text[:n])+"*"]; also && by.tenant != i {
					add(i, j, text, by, claim.of(&configs[by.tenant])[by.index])
					break
				}
			}
		}
	}
	return errs
}

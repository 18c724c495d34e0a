package app

import (
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/access"
)

// checkTenants wants each tenant to have what no other has, and users to be of tenants that are there.
func (d *document) checkTenants(config *Config) {
	var names []string
	for i, tenant := range config.Tenants {
		names = append(names, tenant.Name)
		at := d.item("tenant", i)
		at.checked(tenant.Validate())
		if key, text := tenant.Generous(); key != "" && len(config.Tenants) > 1 {
			at.add(key, Problem{Warning: true, Text: fmt.Sprintf("%q makes everything of that technology this tenant's but what another names", text)})
		}
	}
	for _, wrong := range access.CheckTenants(config.Tenants) {
		d.item("tenant", wrong.Tenant).checked(wrong.ConfigError)
	}
	used := map[string]bool{}
	for i, user := range config.Users {
		if user.Tenant == "" {
			continue
		}
		used[strings.ToLower(user.Tenant)] = true
		if !containsFold(names, user.Tenant) {
			d.item("user", i).hinted("tenant", fmt.Sprintf("there is no tenant named %q", user.Tenant), offer(user.Tenant, names))
		}
	}
	for i, name := range names {
		if name != "" && !used[strings.ToLower(name)] {
			d.item("tenant", i).add("name", Problem{Warning: true, Text: fmt.Sprintf("no user is of tenant %q", name)})
		}
	}
}

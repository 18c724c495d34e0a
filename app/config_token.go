package app

import (
	"fmt"
	"strings"
	"time"
)

// checkTokens wants each token to be of use, and its user to be there.
func (d *document) checkTokens(config *Config) {
	var names []string
	for _, user := range config.Users {
		names = append(names, user.Name)
	}
	hashes := d.once("token", "hash")
	for i, token := range config.Tokens {
		at := d.item("token", i)
		at.checked(token.Validate())
		hashes(i, strings.ToLower(token.Hash), "a second token with this hash")
		if token.User != "" && !containsFold(names, token.User) {
			at.hinted("user", fmt.Sprintf("there is no user named %q", token.User), offer(token.User, names))
		}
		if token.Expired(time.Now()) {
			at.add("expires", Problem{Warning: true, Text: "this token is of no use any more", Hint: "astproxy token makes a new one"})
		}
	}
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// checkKeys wants a ProxyKey to be one user's alone.
func (d *document) checkKeys(config *Config) {
	owners := make(map[string]string)
	for i, user := range config.Users {
		if !user.ProxyKey || user.Secret == "" {
			continue
		}
		if first, taken := owners[string(user.Secret)]; taken {
			d.item("user", i).problem("proxy_key", fmt.Sprintf("the secret is that of user %q, who has proxy_key as well: whose key would it be?", first))
			continue
		}
		owners[string(user.Secret)] = user.Name
	}
}

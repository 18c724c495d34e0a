package proxy

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/upstream"
)

// Config says which Asterisks there are, who may use them, and with how much memory.
type Config struct {
	Servers []upstream.Config
	Users   *access.Users
	Feed    feed.Config
	Lockout access.LockoutConfig

	// Cache is how long answers to actions are kept for who asks the same, by the server's name and the
	// action's: one of PollActions.
	Cache map[string]map[string]time.Duration

	// LoginPause is how long a client waits to hear that its login failed; 1 s, as Asterisk has it.
	LoginPause time.Duration
}

const defaultLoginPause = time.Second

// Validate tells everything that is wrong with c.
func (c Config) Validate() error {
	var wrong []error
	if len(c.Servers) == 0 {
		wrong = append(wrong, errors.New("there is no server"))
	}
	seen := map[string]bool{}
	for _, s := range c.Servers {
		if err := s.Validate(); err != nil {
			wrong = append(wrong, fmt.Errorf("server %q: %w", s.Name, err))
		}
		if key := strings.ToLower(s.Name); seen[key] {
			wrong = append(wrong, fmt.Errorf("there are two servers called %q", s.Name))
		} else {
			seen[key] = true
		}
	}
	for server, actions := range c.Cache {
		for action, keep := range actions {
			if !PollActions(action) || keep < 0 {
				wrong = append(wrong, fmt.Errorf("server %q: answers to %s cannot be kept for %v", server, action, keep))
			}
		}
	}
	if c.Users == nil {
		wrong = append(wrong, errors.New("there are no users"))
	}
	return errors.Join(wrong...)
}

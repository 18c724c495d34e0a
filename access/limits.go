package access

// Limits bound what all of a user's connections together may ask for. 0 is no limit.
type Limits struct {
	ActionsPerSecond int // on average; as many may come at once
	Pending          int // actions unanswered
	Connections      int // that stay: manager clients, WebSockets and event streams
}

// Limits are the user's.
func (u *User) Limits() Limits { return u.limits }

// checkLimits refuses what is no limit.
func (c UserConfig) checkLimits() []error {
	var errs []error
	for _, limit := range []struct {
		key   string
		value int
	}{
		{"actions_per_second", c.ActionsPerSecond}, {"max_pending", c.MaxPending}, {"max_connections", c.MaxConnections},
	} {
		if limit.value < 0 {
			errs = append(errs, &ConfigError{Key: limit.key, Text: limit.key + " must not be negative; 0 is no limit"})
		}
	}
	return errs
}

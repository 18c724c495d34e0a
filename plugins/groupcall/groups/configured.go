package groups

import "context"

// Configured is the groups of the configuration.
type Configured []ConfiguredGroup

// ConfiguredGroup is one of them.
type ConfiguredGroup struct {
	Group
	Members []Member
}

// Name implements Source.
func (Configured) Name() string { return "configuration" }

// Members implements Source.
func (c Configured) Members(_ context.Context, group string) ([]Member, bool, error) {
	for _, g := range c {
		if g.Name == group {
			return g.Members, true, nil
		}
	}
	return nil, false, nil
}

// Groups implements Source.
func (c Configured) Groups(context.Context) ([]Group, error) {
	var all []Group
	for _, g := range c {
		all = append(all, g.Group)
	}
	return all, nil
}

// Close implements Source.
func (Configured) Close() error { return nil }

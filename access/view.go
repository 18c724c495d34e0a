package access

import (
	"errors"
	"fmt"

	"github.com/astproxy/astproxy/filters"
)

// view is what a user sees of the events that his classes let him see.
type view struct {
	filters   filters.Set
	redaction *filters.Redaction
	only      only
}

// newView expects a configuration that Validate has found right.
func newView(c UserConfig) view {
	var v view
	for _, line := range c.EventFilter {
		if f, err := filters.ParseLine(line); err == nil {
			v.filters = v.filters.With(f)
		}
	}
	v.only = newOnly(c)
	v.redaction, _, _ = filters.NewRedaction(c.Redact)
	return v
}

// Filters are those of the user's configuration. What his client adds belongs to the same set.
func (u *User) Filters() filters.Set { return u.view.filters }

// Redaction is what the user does not see of any message; nil: he sees all.
func (u *User) Redaction() *filters.Redaction { return u.view.redaction }

// maxFilters bounds what one user's events are matched against.
const maxFilters = 1000

// checkView finds what is wrong with what decides which events the user sees.
func (c UserConfig) checkView() error {
	var errs []error
	if len(c.EventFilter) > maxFilters {
		errs = append(errs, &ConfigError{Key: "eventfilter", Text: fmt.Sprintf("%d filters: a user has at most %d", len(c.EventFilter), maxFilters)})
	}
	for i, line := range c.EventFilter {
		_, err := filters.ParseLine(line)
		var wrong *filters.Error
		if errors.As(err, &wrong) {
			errs = append(errs, &ConfigError{
				Key: fmt.Sprintf("eventfilter[%d]", i), At: wrong.Position,
				Text: fmt.Sprintf("this eventfilter is wrong: %s; expected %s", wrong.Problem, wrong.Expected),
			})
		}
	}
	if len(c.Redact) > maxFilters {
		errs = append(errs, &ConfigError{Key: "redact", Text: fmt.Sprintf("%d names: a user has at most %d", len(c.Redact), maxFilters)})
	}
	var wrong *filters.Error
	if _, i, err := filters.NewRedaction(c.Redact); errors.As(err, &wrong) {
		errs = append(errs, &ConfigError{
			Key: fmt.Sprintf("redact[%d]", i), At: wrong.Position,
			Text: fmt.Sprintf("%s is wrong; expected %s", wrong.Problem, wrong.Expected),
		})
	}
	return errors.Join(errs...)
}

// shared makes redactions that hide the same one, so that their users' events are encoded once.
func shared(known map[string]*filters.Redaction, r *filters.Redaction) *filters.Redaction {
	if r == nil {
		return nil
	}
	if same := known[r.Key()]; same != nil {
		return same
	}
	known[r.Key()] = r
	return r
}

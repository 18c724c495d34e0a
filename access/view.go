package access

import (
	"errors"
	"fmt"

	"github.com/astproxy/astproxy/filters"
)

// view is what a user sees of the events that his classes let him see.
type view struct {
	filters filters.Set
}

// newView expects a configuration that Validate has found right.
func newView(c UserConfig) view {
	var v view
	for _, line := range c.EventFilter {
		if f, err := filters.ParseLine(line); err == nil {
			v.filters = v.filters.With(f)
		}
	}
	return v
}

// Filters are those of the user's configuration. What his client adds belongs to the same set.
func (u *User) Filters() filters.Set { return u.view.filters }

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
	return errors.Join(errs...)
}

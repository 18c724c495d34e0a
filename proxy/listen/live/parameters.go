package live

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/proxy"
)

// parameters are what the address of a connection says of the events it wants.
type parameters struct {
	since    proxy.EventID
	mask     ami.Class
	filters  filters.Set
	sequence bool
}

func (p parameters) admission(user *access.User) proxy.Admission {
	return proxy.Admission{User: user, Mask: p.mask, Filters: p.filters, Since: p.since}
}

const (
	// maxParameters is how many there may be in an address, maxFilters how many filters they may make:
	// each is tried on every event.
	maxParameters = 128
	maxFilters    = 64
)

// parseParameters reads the query of an address. The error is for whoever sent it.
func parseParameters(query string) (parameters, error) {
	p := parameters{mask: ami.ClassAll}
	if strings.Count(query, "&") >= maxParameters {
		return p, fmt.Errorf("there are more than %d parameters", maxParameters)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return p, fmt.Errorf("the parameters cannot be read: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			if !isText(name) || !isText(value) {
				return p, fmt.Errorf("parameter %s holds CR, LF, NUL or what is not UTF-8", quoted(name))
			}
		}
		if err := p.set(name, values[name]); err != nil {
			return p, fmt.Errorf("parameter %s: %w", quoted(name), err)
		}
	}
	return p, nil
}

func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsAny(s, "\r\n\x00") }

// quoted is text from outside, cut short if it is long.
func quoted(s string) string {
	const enough = 64
	if len(s) > enough {
		s = s[:enough] + "..."
	}
	return strconv.Quote(s)
}

// set reads all values of one parameter.
func (p *parameters) set(name string, values []string) (err error) {
	criteria, filter := strings.CutPrefix(name, "eventfilter")
	switch {
	case name == "events":
		return p.addEvents(strings.Join(values, ","))
	case filter:
		return p.addFilters(criteria, values)
	case len(values) > 1:
		return fmt.Errorf("it is there %d times", len(values))
	}
	switch value := values[0]; name {
	case "ticket": // the gate's
	case "since":
		p.since, err = proxy.ParseEventID(value)
	case "mask":
		p.mask, err = parseClasses(value)
	case "sequence":
		if p.sequence, err = strconv.ParseBool(value); err != nil {
			err = fmt.Errorf("it is true or false, not %s", quoted(value))
		}
	default:
		err = errors.New("there is none of that name, but since, mask, events, eventfilter, sequence and ticket")
	}
	return err
}

// parseClasses reads names of event classes. Unlike Asterisk it takes no unknown ones: nobody would see
// the error.
func parseClasses(list string) (mask ami.Class, err error) {
	for name := range strings.SplitSeq(list, ",") {
		class, known := ami.ClassByName(strings.ToLower(name))
		if !known {
			return 0, fmt.Errorf("%s is no class of events, as there are %s", quoted(name), strings.Join(ami.ClassNames(), ", "))
		}
		mask |= class
	}
	return mask, nil
}

// addEvents lets the events of these names through.
func (p *parameters) addEvents(names string) error {
	for name := range strings.SplitSeq(names, ",") {
		if name == "" || strings.ContainsAny(name, " ()") {
			return fmt.Errorf("%s is no name of an event", quoted(name))
		}
		if err := p.add("name("+name+")", ""); err != nil {
			return err
		}
	}
	return nil
}

// addFilters adds what eventfilter adds in Asterisk's manager.conf: eventfilter(CRITERIA)=PATTERN, or
// the older eventfilter=PATTERN.
func (p *parameters) addFilters(parentheses string, values []string) error {
	criteria := parentheses
	if parentheses != "" {
		inside, closed := strings.CutSuffix(strings.TrimPrefix(parentheses, "("), ")")
		if parentheses[0] != '(' || !closed || inside == "" {
			return errors.New("it is eventfilter or eventfilter(CRITERIA)")
		}
		criteria = inside
	}
	for _, expression := range values {
		if err := p.add(criteria, expression); err != nil {
			return err
		}
	}
	return nil
}

func (p *parameters) add(criteria, expression string) error {
	filter, err := filters.Parse(criteria, expression)
	if err != nil {
		return err
	}
	if p.filters = p.filters.With(filter); p.filters.Len() > maxFilters {
		return fmt.Errorf("there are more than %d filters", maxFilters)
	}
	return nil
}

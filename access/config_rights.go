package access

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// checkRights finds what is wrong with actions by name, rules, and what the guard is to let pass.
func (c UserConfig) checkRights() error {
	errs := []error{
		checkPatterns("allow_actions", c.AllowActions),
		checkPatterns("deny_actions", c.DenyActions),
		checkPatterns("allow_applications", c.AllowApplications),
		checkPatterns("allow_functions", c.AllowFunctions),
	}
	for i, rule := range c.Rules {
		errs = append(errs, rule.check(fmt.Sprintf("rule[%d]", i)))
	}
	return errors.Join(errs...)
}

// checkPatterns wants names, or patterns of them.
func checkPatterns(key string, texts []string) error {
	var errs []error
	for i, text := range texts {
		at := fmt.Sprintf("%s[%d]", key, i)
		switch {
		case text == "":
			errs = append(errs, &ConfigError{Key: at, Text: "there is no name"})
		case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == ',' }):
			errs = append(errs, &ConfigError{Key: at, Text: fmt.Sprintf("%q is not one name: each is a text of its own, without blanks", text)})
		}
	}
	return errors.Join(errs...)
}

func (c RuleConfig) check(key string) error {
	var errs []error
	if c.Action == "" {
		errs = append(errs, &ConfigError{Key: key + ".action", Text: "a rule needs the action it is about"})
	} else if err := checkPatterns(key+".action", []string{c.Action}); err != nil {
		errs = append(errs, &ConfigError{Key: key + ".action", Text: fmt.Sprintf("%q is not the name of an action", c.Action)})
	}
	if len(c.Headers) > maxNames {
		errs = append(errs, &ConfigError{Key: key, Text: fmt.Sprintf("a rule names at most %d headers", maxNames)})
	}
	first := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		at := key + "." + name
		if earlier, again := first[strings.ToLower(name)]; again {
			errs = append(errs, &ConfigError{Key: at, Text: fmt.Sprintf("%s is the same header as %s", name, earlier)})
		}
		first[strings.ToLower(name)] = name
		errs = append(errs, c.checkHeader(at, name))
	}
	return errors.Join(errs...)
}

// listsOfUser are the keys of a [[user]] that would pass for a header of the rule they stand below, and not count.
// No header of AMI is spelled so.
var listsOfUser = []string{
	"acl", "allow_actions", "allow_applications", "allow_functions", "channels", "deny_actions", "eventfilter", "read", "redact", "setvar", "write",
}

func (c RuleConfig) checkHeader(at, name string) error {
	switch {
	case slices.Contains(listsOfUser, name):
		return &ConfigError{Key: at, Text: fmt.Sprintf("%s is a key of [[user]]: write it above the first [[user.rule]] of this user", name)}
	case unruledOf(c.Action).has(name):
		return &ConfigError{Key: at, Text: fmt.Sprintf("no rule can be about the header %s: it says nothing of what an action does", name)}
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == ':' }):
		return &ConfigError{Key: at, Text: fmt.Sprintf("%q is not the name of a header", name)}
	case len(c.Headers[name]) == 0:
		return &ConfigError{Key: at, Text: fmt.Sprintf(`a rule needs a value for %s; [""] is for a header that is not there`, name)}
	}
	var errs []error
	for i, value := range c.Headers[name] {
		if strings.ContainsAny(value, "\r\n\x00") {
			errs = append(errs, &ConfigError{Key: fmt.Sprintf("%s[%d]", at, i), Text: "no header has a value of several lines"})
		}
	}
	return errors.Join(errs...)
}

package filters

import "regexp"

// compile makes a matcher of a POSIX extended regular expression.
func compile(pattern string, position int) (func(string) bool, error) {
	re, err := regexp.Compile("(?s)" + pattern)
	if err != nil {
		return nil, &Error{Kind: ErrRegex, Part: partExpression, Position: position, Problem: err.Error(), Expected: "a regular expression"}
	}
	return re.MatchString, nil
}

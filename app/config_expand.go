package app

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// errVariable names no text: it could be a secret's.
var errVariable = errors.New(`"${" is not followed by the name of an environment variable and "}"; for the two characters themselves write "$${"`)

// expand replaces each ${NAME} by the environment variable of that name, and $${ by ${. A $ that
// stands otherwise is nothing special. What a variable holds is not expanded again.
func expand(text string) (string, error) {
	var expanded strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		if !found {
			expanded.WriteString(text)
			return expanded.String(), nil
		}
		if literal, escaped := strings.CutSuffix(before, "$"); escaped {
			expanded.WriteString(literal + "${")
			text = after
			continue
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed || !variableName.MatchString(name) {
			return "", errVariable
		}
		value, set := os.LookupEnv(name)
		if !set {
			return "", fmt.Errorf("the environment variable %s is not set", name)
		}
		expanded.WriteString(before + value)
		text = rest
	}
}

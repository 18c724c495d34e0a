package formats_test

import (
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// sortedHeaders are a message's headers without regard to their order, but that of the values of
// one name, and to the case of names.
func sortedHeaders(m ami.Message) string {
	var headers []string
	for name, value := range m.All() {
		headers = append(headers, strings.ToLower(name)+": "+value)
	}
	slices.SortStableFunc(headers, func(a, b string) int {
		a, _, _ = strings.Cut(a, ": ")
		b, _, _ = strings.Cut(b, ": ")
		return strings.Compare(a, b)
	})
	return strings.Join(headers, "\r\n")
}

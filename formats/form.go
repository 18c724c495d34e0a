package formats

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// DecodeForm makes an action of a URL's query, or of a body that is
// application/x-www-form-urlencoded. It is split at & and the first = before anything is decoded,
// so that no encoded byte can begin another parameter; a semicolon is a character like others, as in
// the names of channels. Parameters keep their order, and one that occurs twice is a repeated
// header. What the parameters mean, secrets and format among them, is the caller's to know: see
// the without of ami.Message.AppendAction.
func DecodeForm(text string) (ami.Message, error) {
	var a action
	for parameter := range strings.SplitSeq(text, "&") {
		if parameter == "" {
			continue
		}
		name, value, _ := strings.Cut(parameter, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return ami.Message{}, fmt.Errorf("invalid form: a name is not URL-encoded")
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return ami.Message{}, fmt.Errorf("invalid form: the value of %s is not URL-encoded", quoted(name))
		}
		if err := a.add(name, value); err != nil {
			return ami.Message{}, fmt.Errorf("invalid form: %w", err)
		}
	}
	m, err := a.message()
	if err != nil {
		return ami.Message{}, fmt.Errorf("invalid form: %w", err)
	}
	return m, nil
}

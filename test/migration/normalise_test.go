package migration_test

import (
	"regexp"
	"strings"
)

// unlike is what differs from one session to the next.
var unlike = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`\d{10}\.\d{6}`), "{time}"},
	{regexp.MustCompile(`(System uptime|Last reload): [\w ,]*`), "$1: {time}"},
	// Legacy XML calls a line of 30 characters unparsed, and this one's length is a matter of time.
	{regexp.MustCompile(`<Output Value="(System uptime|Last reload): \{time\}"/>`), `<UnparsedText Value="Output: $1: {time}"/>`},
	{regexp.MustCompile(`<(Uptime|LastReload) Value="\d+"/>`), `<$1 Value="{number}"/>`},
	{regexp.MustCompile(`(Challenge: )\d+`), "$1{number}"},
	{regexp.MustCompile(`(Content-Length: )\d+`), "$1{number}"},
	{regexp.MustCompile(`(Date: ).*`), "$1{date}"},
	{regexp.MustCompile(`(EventTV|SessionTV): .*`), "$1: {time}"},
	{regexp.MustCompile(`(SessionID): .*`), "$1: {id}"},
	{regexp.MustCompile(`(LocalAddress|RemoteAddress): .*`), "$1: {address}"},
	{regexp.MustCompile(`(ProxyClientSession: 127.0.0.1):\d+`), "$1:{port}"},
	{regexp.MustCompile(`(ProxyClient(?:Connected|Outstanding|Lag|Unread|Delivered)): \d+`), "$1: {number}"},
	{regexp.MustCompile(` P: \d+ `), " P: {port} "},
}

func normalised(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for _, u := range unlike {
		text = u.pattern.ReplaceAllString(text, u.with)
	}
	return strings.TrimSpace(text)
}

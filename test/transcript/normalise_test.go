package transcript_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// byDesign is everything by which a transcript through the proxy may differ from a direct one.
var byDesign = []struct {
	what, reason string
	remove       *regexp.Regexp
}{
	{
		"the header Server: NAME at the end of answers and events",
		"a client of several Asterisks has to know which one it hears",
		regexp.MustCompile(`(?m)^Server: ` + serverName + `\r\n`),
	},
}

// emptyBlock is a blank line behind the one that ends a message, such as Asterisk's answers have whose text
// ends in a line end of its own. The proxy sends none: it is a message that says nothing, and has nobody it
// is for.
var emptyBlock = regexp.MustCompile(`(\n\r\n|^\r\n)(?:\r\n)+$`)

// announcer is a conference's that is just ending: it may be still there.
var announcer = regexp.MustCompile(`(?m)^Output: CBAnn/.*\r\n`)

// unlike is what differs from one Asterisk to the next, or from one second to the next. In a
// transcript each value is replaced by its kind, and where it says which of several is meant, by its
// number in the order of appearance.
var unlike = []struct {
	kind     string
	numbered bool
	pattern  *regexp.Regexp // what its group 1 holds is replaced
}{
	{"time", false, regexp.MustCompile(`(?m)^Timestamp: (\d+\.\d+)\r$`)},
	{"time", false, regexp.MustCompile(`(?m)^(?:EventTV|SessionTV|StartTime|AnswerTime|EndTime|EventTime|CoreStartupDate|CoreStartupTime|CoreReloadDate|CoreReloadTime): (.+)\r$`)},
	{"seconds", false, regexp.MustCompile(`(?m)^(?:Duration|AnsweredTime|Uptime|LastReload|BillableSeconds|TotalTime|Seconds|Wait): ([\d:]+)\r$`)},
	{"challenge", false, regexp.MustCompile(`(?m)^Challenge: (\d+)\r$`)},
	{"port", false, regexp.MustCompile(`(?m)^(?:RemoteAddress|LocalAddress): .*/(\d+)\r$`)},
	{"session", false, regexp.MustCompile(`(?m)^SessionID: (0x[0-9a-f]+)\r$`)},
	{"uuid", true, regexp.MustCompile(`\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b`)},
	{"uniqueid", true, regexp.MustCompile(`\b(1\d{9}\.\d+)\b`)},
	{"serial", true, regexp.MustCompile(`-([0-9a-f]{8})\b`)},
	{"epoch", false, regexp.MustCompile(`\b(1\d{9})\b`)},
	{"folder", false, regexp.MustCompile(`(/run/astproxy-\d+-\d+)`)},
}

// normaliser makes a transcript comparable. One is for one endpoint: it remembers the numbers it gave.
type normaliser struct {
	endpoint endpoint
	numbers  map[string]string
	count    map[string]int
}

func newNormaliser(e endpoint) *normaliser {
	return &normaliser{e, map[string]string{}, map[string]int{}}
}

func (n *normaliser) text(raw string) string {
	if n.endpoint.name == "through" {
		for _, d := range byDesign {
			raw = d.remove.ReplaceAllString(raw, "")
		}
	}
	raw = announcer.ReplaceAllString(raw, "")
	for name, replacement := range n.endpoint.names() {
		raw = strings.ReplaceAll(raw, name, replacement)
	}
	for _, u := range unlike {
		raw = replaceGroup(u.pattern, raw, func(value string) string {
			if !u.numbered {
				return "{" + u.kind + "}"
			}
			return n.number(u.kind, value)
		})
	}
	return raw
}

// messages is text for each, but for empty blocks.
func (n *normaliser) messages(raw []string) []string {
	var all []string
	for _, m := range raw {
		if text := emptyBlock.ReplaceAllString(n.text(m), "$1"); text != "\r\n" {
			all = append(all, text)
		}
	}
	return all
}

func (n *normaliser) number(kind, value string) string {
	key := kind + " " + value
	if _, known := n.numbers[key]; !known {
		n.count[kind]++
		n.numbers[key] = fmt.Sprintf("{%s %d}", kind, n.count[kind])
	}
	return n.numbers[key]
}

// replaceGroup replaces what the pattern's group 1 matches.
func replaceGroup(pattern *regexp.Regexp, text string, replacement func(string) string) string {
	var b strings.Builder
	end := 0
	for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(text[end:at[2]])
		b.WriteString(replacement(text[at[2]:at[3]]))
		end = at[3]
	}
	b.WriteString(text[end:])
	return b.String()
}

// unordered are the lists whose items Asterisk walks in the order of a hash: of names that differ
// from one Asterisk to the next, such as Uniqueids. Their items are compared sorted; that the proxy keeps their order
// is proven on one Asterisk (TestListsKeepTheirOrder).
var unordered = []string{"CoreShowChannel", "DeviceStateChange", "Status", "BridgeListItem", "PresenceStateChange"}

// sortItems sorts the runs of items of unordered lists.
func sortItems(messages []string) []string {
	kind := func(m string) string {
		name, _, _ := strings.Cut(strings.TrimPrefix(m, "Event: "), "\r\n")
		if strings.HasPrefix(m, "Event: ") && slices.Contains(unordered, name) {
			return name
		}
		return ""
	}
	sorted := slices.Clone(messages)
	for i := 0; i < len(sorted); i++ {
		end := i
		for end < len(sorted) && kind(sorted[i]) != "" && kind(sorted[end]) == kind(sorted[i]) {
			end++
		}
		if end > i {
			slices.Sort(sorted[i:end])
			i = end - 1
		}
	}
	return sorted
}

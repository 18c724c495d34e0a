package formats_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

// section is what the recording of Asterisk's HTTP manager has under a title, without HTTP's
// headers. The recording was made with CR taken away.
func section(t *testing.T, title string) string {
	t.Helper()
	_, text, found := strings.Cut(readFile(t, "testdata/asterisk22-http.txt"), "== "+title+"\n")
	if !found {
		t.Fatalf("the recording has no %s", title)
	}
	text, _, _ = strings.Cut(text, "\n== ")
	if strings.HasPrefix(text, "HTTP/") {
		_, text, _ = strings.Cut(text, "\n\n")
	}
	text, _, _ = strings.Cut(text, "\nHTTP/") // a section may hold what was asked without a login
	return text + "\n\n"
}

func TestMXMLIsWhatAsteriskGivesForTheSameAnswers(t *testing.T) {
	timestamp := regexp.MustCompile(`\d{10}\.\d+`)
	for _, title := range []string{"login", "ping", "list"} {
		text := section(t, "rawman "+title)
		want := section(t, "mxml "+title)
		// Behind the list each section has a Command, which is an answer of its own.
		var got strings.Builder
		for i, answer := range splitAnswers(messages(t, text)) {
			if i > 0 {
				got.WriteString("\n")
			}
			got.Write(formats.MXML{}.AppendList(nil, answer))
		}
		a := timestamp.ReplaceAllString(strings.TrimSpace(got.String()), "TIME")
		b := timestamp.ReplaceAllString(strings.TrimSpace(want), "TIME")
		if a != b {
			t.Errorf("%s:\n got %s\nwant %s", title, a, b)
		}
	}
}

// splitAnswers puts the messages that belong to one response together.
func splitAnswers(all []ami.Message) [][]formats.Item {
	var answers [][]formats.Item
	for _, m := range all {
		if m.IsResponse() {
			answers = append(answers, nil)
		}
		last := len(answers) - 1
		answers[last] = append(answers[last], formats.Item{Message: m})
	}
	return answers
}

func TestMXMLHasTheIDAndElementAProgramAskedFor(t *testing.T) {
	m := ami.Parse("Response: Success\r\n")
	for _, c := range []struct {
		format formats.MXML
		want   string
	}{
		{formats.MXML{Dest: "here", Object: "thing"}, "<response type='object' id='here'><thing response='Success' /></response>\n"},
		{formats.MXML{Dest: "'/><script>", Object: "a b"}, "<response type='object' id='&apos;/&gt;&lt;script&gt;'><generic response='Success' /></response>\n"},
	} {
		if got := string(c.format.Append(nil, m, formats.Options{})); got != c.want {
			t.Errorf("%+v:\n got %s\nwant %s", c.format, got, c.want)
		}
	}
}

var (
	recordedXML   = regexp.MustCompile(`(?s)<(AsteriskManager(?:Proxy)?Output)>\n(.*?)</AsteriskManager(?:Proxy)?Output>\n`)
	recordedField = regexp.MustCompile(`<(\w+) Value="(.*)"/>`)
	unescapeXML   = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&")
)

// withServer takes the last line off text if it is the server's name.
func withServer(text string) (ami.Message, formats.Options) {
	headers, server, _ := strings.Cut(text, "Server: ")
	return ami.Parse(headers), formats.Options{Server: strings.TrimSpace(server)}
}

func TestLegacyXMLIsWhatThePredecessorWrote(t *testing.T) {
	blocks := recordedXML.FindAllStringSubmatch(readFile(t, "testdata/astmanproxy-1.29.txt"), -1)
	if len(blocks) < 20 {
		t.Fatalf("only %d blocks found in the recording", len(blocks))
	}
	for _, block := range blocks {
		var text strings.Builder
		for _, field := range recordedField.FindAllStringSubmatch(block[2], -1) {
			if field[1] != "UnparsedText" {
				text.WriteString(field[1] + ": ")
			}
			text.WriteString(unescapeXML.Replace(field[2]) + "\r\n")
		}
		m, o := withServer(text.String())
		got := string(formats.XML{Legacy: true}.Append(nil, m, o))
		if want := strings.ReplaceAll(block[0], "\n", "\r\n") + "\r\n"; got != want {
			t.Errorf(" got %q\nwant %q", got, want)
		}
	}
}

func TestLegacyCSVIsWhatThePredecessorWrote(t *testing.T) {
	recorded := regexp.MustCompile(`(?m)^(?:<<< )?("[A-Za-z]+: .*")$`).FindAllStringSubmatch(readFile(t, "testdata/astmanproxy-1.29.txt"), -1)
	if len(recorded) < 15 {
		t.Fatalf("only %d messages found in the recording", len(recorded))
	}
	for _, r := range recorded {
		m, o := withServer(strings.ReplaceAll(strings.Trim(r[1], `"`), `", "`, "\r\n"))
		if got, want := string(formats.CSVLegacy{}.Append(nil, m, o)), r[1]+"\r\n\r\n"; got != want {
			t.Errorf(" got %q\nwant %q", got, want)
		}
	}
}

func TestXMLThatThePredecessorTookIsTaken(t *testing.T) {
	inputs := regexp.MustCompile(`(?s)<AsteriskManagerInput>.*?</AsteriskManagerInput>`).FindAllString(readFile(t, "testdata/astmanproxy-1.29.txt"), -1)
	if len(inputs) == 0 {
		t.Fatal("the recording has no input")
	}
	for _, input := range inputs {
		m, err := formats.DecodeXML([]byte(input))
		if err != nil || m.Action() == "" {
			t.Errorf("%s: %q, %v", input, m, err)
		}
	}
}

package formats_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

func TestFormatsAreFoundByNameInAnyCase(t *testing.T) {
	for _, name := range formats.Names() {
		if _, ok := formats.Lookup(strings.ToUpper(name)); !ok {
			t.Errorf("%s is listed and not found", name)
		}
	}
	if f, ok := formats.Lookup("yaml"); ok {
		t.Errorf("yaml is %T", f)
	}
}

// What every format has to do with the options, as seen in JSON and in AMI text.
func TestAReplyHasItsClientsActionIDAndTheServer(t *testing.T) {
	for _, c := range []struct {
		name, text string
		o          formats.Options
		json       string
	}{
		{"the client's ActionID takes the token's place", "Response: Success\r\nActionID: token\r\nPing: Pong\r\n",
			formats.Options{Server: "pbx", Reply: true, ActionID: "7"}, `{"Response":"Success","ActionID":"7","Ping":"Pong","Server":"pbx"}`},
		{"a client that gave none sees none", "Response: Success\r\nActionID: token\r\nPing: Pong\r\n",
			formats.Options{Server: "pbx", Reply: true}, `{"Response":"Success","Ping":"Pong","Server":"pbx"}`},
		{"what is no reply keeps its ActionID", "Event: OriginateResponse\r\nActionID: 9\r\n",
			formats.Options{Server: "pbx", ActionID: "7"}, `{"Event":"OriginateResponse","ActionID":"9","Server":"pbx"}`},
		{"a reply without ActionID gets none", "Response: Success\r\n",
			formats.Options{Reply: true, ActionID: "7"}, `{"Response":"Success"}`},
		{"a Server header of Asterisk's own stays", "Event: X\r\nServer: sip:x\r\n",
			formats.Options{Server: "pbx"}, `{"Event":"X","Server":"sip:x","ProxyServer":"pbx"}`},
		{"nobody but the proxy gives the sequence", "Event: X\r\nProxySequence: forged\r\n",
			formats.Options{Server: "pbx", Sequence: "a-1"}, `{"Event":"X","Server":"pbx","ProxySequence":"a-1"}`},
	} {
		m := ami.Parse(c.text)
		if got := string(formats.AppendJSON(nil, m, c.o)); got != c.json {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.json)
		}
		text := formats.Standard{}.Append(nil, m, c.o)
		if got, want := sortedHeaders(ami.Parse(string(text))), sortedHeaders(decodeAny(t, c.json)); got != want {
			t.Errorf("%s, as text:\n got %q\nwant %q", c.name, got, want)
		}
	}
}

func decodeAny(t *testing.T, object string) ami.Message {
	t.Helper()
	m, err := formats.DecodeJSON([]byte(object))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOldCommandOutputIsRawWhateverItLooksLike(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"lines that look like headers, blank ones and the end mark",
			"Response: Follows\r\nPrivilege: Command\r\nActionID: token\r\nServer: x\nActionID: y\n\nEvent: z\n--END COMMAND--\r\n\r\n",
			`{"Response":"Follows","Privilege":"Command","ActionID":"7","Server":"pbx","Output":["Server: x","ActionID: y","","Event: z"]}`},
		{"output that does not end its last line",
			"Response: Follows\r\nPrivilege: Command\r\nActionID: token\r\nlast--END COMMAND--\r\n\r\n",
			`{"Response":"Follows","Privilege":"Command","ActionID":"7","Server":"pbx","Output":["last"]}`},
		{"no output",
			"Response: Follows\r\nPrivilege: Command\r\nActionID: token\r\n--END COMMAND--\r\n\r\n",
			`{"Response":"Follows","Privilege":"Command","ActionID":"7","Server":"pbx"}`},
	} {
		m := messages(t, c.text)[0]
		if got := string(formats.AppendJSON(nil, m, formats.Options{Server: "pbx", Reply: true, ActionID: "7"})); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestJSONHasAnArrayWhereAHeaderIsRepeated(t *testing.T) {
	many := "Response: Success\r\n" + strings.Repeat("Output: x\r\n", 3) + "ActionID: 1\r\nOutput: y\r\n"
	for _, c := range []struct{ name, text, want string }{
		{"twice", "Event: TestEvent\r\nState: a\r\nX: 1\r\nState: b\r\n", `{"Event":"TestEvent","State":["a","b"],"X":"1"}`},
		{"in whatever case", "Event: X\r\nUniqueid: a\r\nUniqueID: b\r\n", `{"Event":"X","Uniqueid":["a","b"]}`},
		{"once, but repeated by nature", "Event: VarSet\r\nVariable: a\r\nDestChanVariable: b\r\nchanvariable(x): c\r\nOutput: d\r\n",
			`{"Event":"VarSet","Variable":["a"],"DestChanVariable":["b"],"chanvariable(x)":["c"],"Output":["d"]}`},
		{"apart", many, `{"Response":"Success","Output":["x","x","x","y"],"ActionID":"1"}`},
		{"names that are no UTF-8", "Event: X\r\n\xff: 1\r\n\xfe: 2\r\n", "{\"Event\":\"X\",\"\uFFFD\":[\"1\",\"2\"]}"},
	} {
		got := string(formats.AppendJSON(nil, ami.Parse(c.text), formats.Options{}))
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s is no JSON", got)
		}
	}
}

func TestJSONAndXMLAllocateOnceAnEvent(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates, too")
	}
	o := formats.Options{Server: "pbx1", Sequence: "0123456789abcdef-123456789"}
	for _, name := range []string{"json", "xml"} {
		format, _ := formats.Lookup(name)
		for _, m := range recordedMessages(t, "../ami/testdata/asterisk22-events.txt") {
			if m.Event() == "TestEvent" {
				continue // has a header twice
			}
			if n := testing.AllocsPerRun(3, func() { format.Append(nil, m, o) }); n > 1 {
				t.Errorf("%s: %v allocations for\n%s", name, n, m)
			}
		}
	}
}

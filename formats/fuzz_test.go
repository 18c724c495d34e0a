package formats_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

// wantAction fails the test if m is not what Asterisk would read line for line.
func wantAction(t *testing.T, m ami.Message) {
	t.Helper()
	if err := ami.CheckAction(m); err != nil {
		t.Fatalf("%q is no action: %v", m, err)
	}
	if m.IsZero() {
		t.Fatal("an action without headers was taken")
	}
	again := messages(t, m.Raw()+"\r\n")
	if len(again) != 1 || again[0].Raw() != m.Raw() {
		t.Fatalf("%q is read as %q", m, again)
	}
	for name := range m.All() {
		if name == "" || strings.TrimSpace(name) != name && strings.Trim(name, " ") != name {
			t.Fatalf("%q has a line without a proper name", m)
		}
	}
}

// wantSameHeaders fails the test if a message that is written and read again is another.
func wantSameHeaders(t *testing.T, m ami.Message, decode func([]byte) (ami.Message, error), document []byte) {
	t.Helper()
	got, err := decode(document)
	if err != nil {
		t.Fatalf("%s: %v", document, err)
	}
	if sortedHeaders(got) != sortedHeaders(m) {
		t.Fatalf("%s:\n got %q\nwant %q", document, got, m)
	}
}

// asInput is what XML wrote as what it reads.
func asInput(document []byte) []byte {
	return bytes.ReplaceAll(document, []byte("AsteriskManagerProxyOutput>"), []byte("AsteriskManagerInput>"))
}

func FuzzDecodeJSON(f *testing.F) {
	f.Add(`{"Action":"Originate","Variable":{"a":"1,2"},"Priority":1,"Async":true,"X":["a","b"]}`)
	f.Add(`{"Action":"Ping","action":null}`)
	f.Fuzz(func(t *testing.T, document string) {
		m, err := formats.DecodeJSON([]byte(document))
		if err != nil {
			return
		}
		if !json.Valid([]byte(document)) {
			t.Fatalf("%q is no JSON and was taken", document)
		}
		wantAction(t, m)
		wantSameHeaders(t, m, formats.DecodeJSON, formats.AppendJSON(nil, m, formats.Options{}))
	})
}

func FuzzDecodeXML(f *testing.F) {
	f.Add(`<AsteriskManagerInput><Action Value="Ping"/><Header Name="a b" Value="&lt;"/></AsteriskManagerInput>`)
	f.Add(`<!DOCTYPE x [<!ENTITY a "b">]><AsteriskManagerInput><Action Value="&a;"/></AsteriskManagerInput>`)
	f.Fuzz(func(t *testing.T, document string) {
		m, err := formats.DecodeXML([]byte(document))
		if err != nil {
			return
		}
		wantAction(t, m)
		wantSameHeaders(t, m, formats.DecodeXML, asInput(formats.XML{}.Append(nil, m, formats.Options{})))
	})
}

func FuzzDecodeForm(f *testing.F) {
	f.Add("Action=Command&Command=core%20show+uptime&Variable=a%3D1&Variable=b")
	f.Add("Action=Ping&a%0d%0ab=c")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := formats.DecodeForm(text)
		if err != nil {
			return
		}
		wantAction(t, m)
	})
}

// FuzzEncode writes whatever an Asterisk could send in every format.
func FuzzEncode(f *testing.F) {
	f.Add("Event: VarSet\r\nVariable: a\r\nState: 1\r\nState: 2\r\nServer: x\r\n\r\n")
	f.Add("Response: Follows\r\nPrivilege: Command\r\nActionID: 1\r\nraw: line\n\nx--END COMMAND--\r\n\r\n")
	f.Add("Event: X\r\n\xff\x01\t\"'<&>: \r\nno name\r\n: nothing\r\n\r\n")
	f.Add("Event: X\r\nXMLns: http://www.w3.org/1999/xhtml\r\nxmlns: x\r\n_xmlns: y\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ami.NewReplyReader(strings.NewReader(text), ami.ReplyLimits).Read()
		if err != nil {
			return
		}
		o := formats.Options{Server: "pbx1", Reply: true, ActionID: "7", Sequence: "e-1"}
		prefix := []byte("before")
		for _, name := range formats.Names() {
			format, _ := formats.Lookup(name)
			got := format.Append(bytes.Clone(prefix), m, o)
			if !bytes.HasPrefix(got, prefix) || !bytes.Equal(got[len(prefix):], format.Append(nil, m, o)) {
				t.Fatalf("%s depends on what is there already", name)
			}
			if name != "standard" && !utf8.Valid(got) {
				t.Fatalf("%s is no UTF-8: %q", name, got)
			}
			switch name {
			case "json":
				wantUniqueNames(t, got[len(prefix):])
			case "xml", "xml-legacy", "mxml":
				wantXML(t, got[len(prefix):])
			case "csv":
				wantTable(t, got[len(prefix):])
			}
		}
		if ami.CheckAction(m) == nil && utf8.ValidString(m.Raw()) && properNames(m) {
			wantSameHeaders(t, m, formats.DecodeJSON, formats.AppendJSON(nil, m, formats.Options{}))
		}
	})
}

// properNames tells whether every line of m is a header that a client could send, too.
func properNames(m ami.Message) bool {
	if strings.EqualFold(m.Response(), "Follows") {
		return false
	}
	for name := range m.All() {
		if name == "" || strings.Trim(name, " ") != name || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return false
		}
	}
	return true
}

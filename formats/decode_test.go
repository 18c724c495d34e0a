package formats_test

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
)

func TestJSONBecomesAnAction(t *testing.T) {
	for _, c := range []struct{ document, want string }{
		{`{"Action":"Ping"}`, "Action: Ping\r\n"},
		{" {\"Action\" : \"Originate\",\n\"Timeout\":30000,\"Priority\":1.50,\"Async\":true,\"EarlyMedia\":false}\n",
			"Action: Originate\r\nTimeout: 30000\r\nPriority: 1.50\r\nAsync: true\r\nEarlyMedia: false\r\n"},
		{`{"Action":"Originate","Variable":["a=1","b=2"],"Codecs":[]}`, "Action: Originate\r\nVariable: a=1\r\nVariable: b=2\r\n"},
		{`{"Action":"Originate","variable":{"a":"1","__b":2,"c":true}}`, "Action: Originate\r\nvariable: a=1\r\nvariable: __b=2\r\nvariable: c=true\r\n"},
		{`{"Action":"Originate","Variable":{"a":"1,b=\"2\"\\"}}`, "Action: Originate\r\n" + `Variable: a=1\,b=\"2\"\\` + "\r\n"},
		{`{"Action":"X","Café":"crème €"}`, "Action: X\r\nCafé: crème €\r\n"},
	} {
		m, err := formats.DecodeJSON([]byte(c.document))
		if err != nil || m.Raw() != c.want {
			t.Errorf("%s:\n got %q, %v\nwant %q", c.document, m, err, c.want)
		}
	}
}

func TestXMLBecomesAnAction(t *testing.T) {
	for _, c := range []struct{ document, want string }{
		{`<AsteriskManagerInput><Action Value="Ping"/></AsteriskManagerInput>`, "Action: Ping\r\n"},
		{"<?xml version='1.0' encoding='UTF-8'?>\n<AsteriskManagerInput>\r\n <!-- a --><Action Value='Originate'></Action>\n<Variable Value=\"a=&lt;&#65;\"/>" +
			"<Variable Value='b'/><Header Name=\"ChanVariable(x)\" Value=\"1\"/><Header Value='2'/></AsteriskManagerInput>\n",
			"Action: Originate\r\nVariable: a=<A\r\nVariable: b\r\nChanVariable(x): 1\r\nHeader: 2\r\n"},
	} {
		m, err := formats.DecodeXML([]byte(c.document))
		if err != nil || m.Raw() != c.want {
			t.Errorf("%s:\n got %q, %v\nwant %q", c.document, m, err, c.want)
		}
	}
}

func TestAFormBecomesAnAction(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Action=Command&Command=core%20show+uptime&ActionID=Foo2", "Action: Command\r\nCommand: core show uptime\r\nActionID: Foo2\r\n"},
		{"&action=Hangup&Channel=Local/1001@default-00000002;1&", "action: Hangup\r\nChannel: Local/1001@default-00000002;1\r\n"},
		{"Action=Originate&Variable=a%3D1&Variable=b=2&Data=x%26Action%3DPing", "Action: Originate\r\nVariable: a=1\r\nVariable: b=2\r\nData: x&Action=Ping\r\n"},
		{"Action=X&Empty=&Bare", "Action: X\r\nEmpty: \r\nBare: \r\n"},
	} {
		m, err := formats.DecodeForm(c.text)
		if err != nil || m.Raw() != c.want {
			t.Errorf("%s:\n got %q, %v\nwant %q", c.text, m, err, c.want)
		}
	}
}

// spelled writes one header in each of the formats that are read.
func spelled(name, value string) map[string]func() (ami.Message, error) {
	json := strings.NewReplacer("\r", `\r`, "\n", `\n`, "\x00", `\u0000`, `"`, `\"`)
	xml := strings.NewReplacer("\r", "&#13;", "\n", "&#10;", "\x00", "&#0;", `"`, "&quot;")
	form := strings.NewReplacer("\r", "%0d", "\n", "%0a", "\x00", "%00", " ", "+", "\xff", "%ff")
	return map[string]func() (ami.Message, error){
		"json": func() (ami.Message, error) {
			return formats.DecodeJSON([]byte(`{"Action":"Ping","` + json.Replace(name) + `":"` + json.Replace(value) + `"}`))
		},
		"xml": func() (ami.Message, error) {
			return formats.DecodeXML([]byte(`<AsteriskManagerInput><Action Value="Ping"/><Header Name="` +
				xml.Replace(name) + `" Value="` + xml.Replace(value) + `"/></AsteriskManagerInput>`))
		},
		"form": func() (ami.Message, error) {
			return formats.DecodeForm("Action=Ping&" + form.Replace(name) + "=" + form.Replace(value))
		},
	}
}

//astproxy:attack
func TestWhatNoActionCanHaveIsRefusedInEveryFormat(t *testing.T) {
	long := strings.Repeat("x", ami.MaxLine)
	for _, c := range []struct {
		about, name, value string
		want               error // nil: any
	}{
		{"a value with CR LF", "A", "x\r\nAction: Originate", ami.ErrForbiddenByte},
		{"a value with CR", "A", "x\rAction: Originate", ami.ErrForbiddenByte},
		{"a value with LF", "A", "x\n\nAction: Originate", ami.ErrForbiddenByte},
		{"a value with NUL", "A", "x\x00", ami.ErrForbiddenByte},
		{"a name with LF", "A\nB", "x", ami.ErrForbiddenByte},
		{"a name with CR", "A\r", "x", ami.ErrForbiddenByte},
		{"a name with NUL", "\x00A", "x", ami.ErrForbiddenByte},
		{"a name with a colon", "Action: Originate\\", "x", nil},
		{"a name that ends in a blank", "Action ", "Originate", formats.ErrHeaderName},
		{"a name that begins with a blank", " Action", "Originate", formats.ErrHeaderName},
		{"no name", "", "x", formats.ErrHeaderName},
		{"a line too long", "A", long, ami.ErrLineTooLong},
		{"a value that is no UTF-8", "A", "\xff", nil},
	} {
		for format, decode := range spelled(c.name, c.value) {
			m, err := decode()
			if err == nil {
				t.Errorf("%s, %s: taken as %q", c.about, format, m)
				continue
			}
			// XML's parser has its own words for the bytes XML cannot carry.
			if c.want != nil && !errors.Is(err, c.want) && !(format == "xml" && strings.ContainsAny(c.name+c.value, "\x00")) {
				t.Errorf("%s, %s: %v, want %v", c.about, format, err, c.want)
			}
			if strings.Contains(err.Error(), "Originate") && strings.Contains(c.value, "Originate") {
				t.Errorf("%s, %s: the error tells the value: %v", c.about, format, err)
			}
		}
	}
}

//astproxy:attack
func TestBadJSONIsRefusedWithAReason(t *testing.T) {
	for _, c := range []struct{ document, want string }{
		{``, "unexpected EOF"},
		{`[{"Action":"Ping"}]`, "an object was expected"},
		{`"Ping"`, "an object was expected"},
		{`{}`, "no headers"},
		{`{"Action":"Ping"`, "unexpected"},
		{`{"Action":"Ping"}{"Action":"Ping"}`, "behind the object"},
		{`{"Action":"Ping",}`, "invalid character"},
		{`{"Action" "Ping"}`, "invalid character"},
		{`{"Action":"Ping","action":"Originate"}`, `"action" occurs twice`},
		{`{"Action":null}`, `"Action" is null`},
		{`{"Action":{"a":"b"}}`, `"Action" is an object, which only Variable can be`},
		{`{"A":[["x"]]}`, `"A" is nested too deeply`},
		{`{"A":[{"x":1}]}`, `"A" is nested too deeply`},
		{`{"Variable":{"a":{"b":1}}}`, `"a" is nested too deeply`},
		{`{"Variable":{"a=b":1}}`, `"a=b" is no name of a variable`},
		{`{"Variable":{"":1}}`, `"" is no name of a variable`},
		{"{\"A\":\"\xff\"}", "not UTF-8"},
		{`{"A":"\ud83d"}`, "half a character is not UTF-8"},
		{`{"A":"\uDE00\uD83D"}`, "half a character is not UTF-8"},
		{`{"A":"\ud83d\n\ude00"}`, "half a character is not UTF-8"},
		{`{"A":"\ud83d\u0041"}`, "half a character is not UTF-8"},
		{`{"\udead":"A"}`, "half a character is not UTF-8"},
		{`{"A":"` + strings.Repeat("[", 100000), "invalid JSON"},
		{`{"A":[` + strings.Repeat(`"x",`, 1000) + `"x"]}`, ami.ErrTooManyHeaders.Error()},
	} {
		if m, err := formats.DecodeJSON([]byte(c.document)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80s: %q, %v, want %s", c.document, m, err, c.want)
		}
	}
}

func TestWhatJSONEscapesIsReadAsItIsMeant(t *testing.T) {
	for document, want := range map[string]string{
		`{"A":"\ud83d\ude00\uD83D\uDE00"}`: "\U0001F600\U0001F600",
		`{"A":"\\ud83d"}`:                  `\ud83d`,
		`{"A":"\ufffd"}`:                   "\uFFFD",
		`{"A":"\u0041\/"}`:                 "A/",
	} {
		if m, err := formats.DecodeJSON([]byte(document)); err != nil || m.Get("A") != want {
			t.Errorf("%s: %q, %v", document, m, err)
		}
	}
}

//astproxy:attack
func TestBadXMLIsRefusedWithAReason(t *testing.T) {
	in := func(inside string) string { return "<AsteriskManagerInput>" + inside + "</AsteriskManagerInput>" }
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` + in(`<Action Value="&b;"/>`)
	external := `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + in(`<Action Value="&a;"/>`)
	for _, c := range []struct{ document, want string }{
		{``, "AsteriskManagerInput was expected"},
		{`<bad>`, "AsteriskManagerInput was expected"},
		{bomb, "DOCTYPE"},
		{external, "DOCTYPE"},
		{in(`<Action Value="&b;"/>`), "invalid character entity"},
		{in(`<Action>Ping</Action>`), "no attribute Value"},
		{in(`Action: Ping`), "text where"},
		{in(``), "no headers"},
		{in(`<A Value="1"><B Value="2"/></A>`), `"B" is nested too deeply`},
		{strings.Repeat("<AsteriskManagerInput>", 100000), "no attribute Value"},
		{in(`<A Value="1" Value="2"/>`), `attribute "Value"`},
		{in(`<A Value="1" Other="2"/>`), `attribute "Other"`},
		{in(`<A Name="Action" Value="2"/>`), `attribute "Name"`},
		{in(`<a:Action Value="2"/>`), "namespace"},
		{`<AsteriskManagerInput xmlns="x"/>`, "namespace"},
		{in(`<Action Value="Ping"/>`) + in(`<Action Value="Ping"/>`), "behind"},
		{`<?xml version="1.0" encoding="UTF-16"?>` + in(`<Action Value="Ping"/>`), "encoding"},
		{`<?php x ?>` + in(`<Action Value="Ping"/>`), "processing instructions"},
		{in(`<Action Value="Ping"/>`)[:40], "unexpected"},
		{in("<Action Value=\"\xff\"/>"), "UTF-8"},
		{in(strings.Repeat(`<A Value="x"/>`, 1000)), ami.ErrTooManyHeaders.Error()},
	} {
		if m, err := formats.DecodeXML([]byte(c.document)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80s: %q, %v, want %s", c.document, m, err, c.want)
		}
	}
}

func TestABadFormIsRefusedWithAReason(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "no headers"},
		{"Action=%zz", `"Action" is not URL-encoded`},
		{"%zz=1", "not URL-encoded"},
		{"=1", "not a header name"},
		{"Action=Ping&a%0d%0aAction=Originate", "which AMI cannot carry"},
		{strings.Repeat("a=b&", 1000), ami.ErrTooManyHeaders.Error()},
	} {
		if m, err := formats.DecodeForm(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80s: %q, %v, want %s", c.text, m, err, c.want)
		}
	}
}

func TestDocumentsComeOneAfterTheOtherOffAConnection(t *testing.T) {
	for _, c := range []struct {
		format string
		read   func(*bufio.Reader, int) (ami.Message, error)
		text   string
	}{
		{"json", formats.ReadJSON, "\r\n{\"Action\":\"A\",\n\"X\":\"}\\\"{\"}{\"Action\":\"B\",\"V\":[]}\n\n"},
		{"xml", formats.ReadXML, "\r\n<AsteriskManagerInput>\n<Action Value=\"A\"/></AsteriskManagerInput><AsteriskManagerInput><Action Value=\"B\"/></AsteriskManagerInput>\n\n"},
	} {
		r := bufio.NewReader(strings.NewReader(c.text))
		for _, want := range []string{"A", "B"} {
			if m, err := c.read(r, 100); err != nil || m.Action() != want {
				t.Errorf("%s: %q, %v, want action %s", c.format, m, err, want)
			}
		}
		if m, err := c.read(r, 100); !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s at the end: %q, %v", c.format, m, err)
		}
		half := strings.TrimSpace(c.text)
		if _, err := c.read(bufio.NewReader(strings.NewReader(half[:20])), 100); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s, cut off: %v", c.format, err)
		}
		if _, err := c.read(bufio.NewReader(strings.NewReader(c.text)), 20); !errors.Is(err, formats.ErrDocumentTooLong) {
			t.Errorf("%s over the limit: %v", c.format, err)
		}
		if _, err := c.read(bufio.NewReader(strings.NewReader(strings.Repeat(" ", 1000))), 20); !errors.Is(err, formats.ErrDocumentTooLong) {
			t.Errorf("%s, nothing but blanks: %v", c.format, err)
		}
		if _, err := c.read(bufio.NewReader(strings.NewReader("Action: Ping\r\n\r\n")), 100); err == nil {
			t.Errorf("%s: text was taken", c.format)
		}
	}
}

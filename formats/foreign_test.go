package formats_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/astproxy/astproxy/formats"
)

// tool is a program of somebody else's; without it the test is skipped.
func tool(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("there is no %s (Debian: apt install %s)", name, debian)
	}
	return path
}

func run(t *testing.T, input []byte, name string, arguments ...string) string {
	t.Helper()
	command := exec.Command(name, arguments...)
	command.Stdin = bytes.NewReader(input)
	var problems strings.Builder
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s\n%s", name, err, problems.String(), input)
	}
	return string(output)
}

func TestXMLOfEveryKindOfMessageSatisfiesXMLLint(t *testing.T) {
	xmllint := tool(t, "xmllint", "libxml2-utils")
	items := oneOfEachKind(t)
	for _, format := range []formats.Format{formats.XML{}, formats.MXML{}} {
		document := format.AppendList(nil, items)
		out := run(t, document, xmllint, "--noout", "--nonet", "-")
		if out != "" {
			t.Errorf("%T: %s", format, out)
		}
	}
	// The predecessor's list has no element around it.
	for _, item := range items {
		run(t, formats.XML{Legacy: true}.AppendList(nil, []formats.Item{item}), xmllint, "--noout", "--nonet", "-")
	}
}

func TestXMLReadBackByXMLLintHasEveryByteOfAValue(t *testing.T) {
	xmllint := tool(t, "xmllint", "libxml2-utils")
	value := "a\tb  c '\"<&>] €"
	m := decodeAny(t, `{"Event":"X","Value with blanks":`+string(mustJSON(t, value))+`}`)
	got := run(t, formats.XML{}.AppendList(nil, []formats.Item{fromServer(m)}), xmllint, "--xpath", "string(//Header[@Name='Value with blanks']/@Value)", "-")
	if strings.TrimSuffix(got, "\n") != value {
		t.Errorf("got %q, want %q", got, value)
	}
}

func mustJSON(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// readCSV prints what Python reads of a table as JSON, a list of objects.
const readCSV = `
import csv, io, json, sys
table = csv.DictReader(io.StringIO(sys.stdin.buffer.read().decode("utf-8"), newline=""), strict=True)
rows = list(table)
assert all(None not in row and None not in row.values() for row in rows), "a row has another length than the names"
json.dump(rows, sys.stdout)
`

func TestPythonReadsFromCSVWhatIsInTheMessages(t *testing.T) {
	python := tool(t, "python3", "python3")
	items := oneOfEachKind(t)
	var rows []map[string]string
	if err := json.Unmarshal([]byte(run(t, formats.CSV{}.AppendList(nil, items), python, "-c", readCSV)), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(items) {
		t.Fatalf("%d rows of %d messages", len(rows), len(items))
	}
	for i, item := range items {
		var want map[string]any
		if err := json.Unmarshal(formats.AppendJSON(nil, item.Message, item.Options), &want); err != nil {
			t.Fatal(err)
		}
		for name, value := range want {
			got := caseless(rows[i], name)
			if text := joined(value); got != text {
				t.Errorf("%s: python has %q, want %q, of\n%s", name, got, text, item.Message)
			}
		}
	}
}

// caseless finds a column, of which there is one whatever the case of its name.
func caseless(row map[string]string, name string) string {
	for column, value := range row {
		if strings.EqualFold(column, name) {
			return value
		}
	}
	return "no such column"
}

// joined is a value of JSON as a field of CSV.
func joined(value any) string {
	list, ok := value.([]any)
	if !ok {
		return value.(string)
	}
	var lines []string
	for _, v := range list {
		lines = append(lines, v.(string))
	}
	return strings.Join(lines, "\n")
}

func TestJSONOfEveryRecordedMessageIsWhatTheSchemaSays(t *testing.T) {
	schema := compiledSchema(t)
	for _, name := range []string{
		"../ami/testdata/asterisk22-events.txt", "../ami/testdata/asterisk16-events.txt",
		"../sim/testdata/asterisk22-actions.txt", "../sim/testdata/asterisk16-actions.txt", "testdata/unrecorded.txt",
	} {
		for _, m := range recordedMessages(t, name) {
			checkSchema(t, schema, formats.AppendJSON(nil, m, formats.Options{Server: "pbx1", Sequence: "e-1"}), true)
		}
	}
	checkSchema(t, schema, formats.JSON{}.AppendList(nil, recordedList(t)), true)
}

func TestTheSchemaRefusesWhatJSONNeverWrites(t *testing.T) {
	schema := compiledSchema(t)
	for _, document := range []string{`{}`, `[]`, `"x"`, `{"A":1}`, `{"A":null}`, `{"A":{"b":"c"}}`, `{"A":[1]}`,
		`{"Output":"x"}`, `{"DestChanVariable":"x"}`, `{"ChanVariable(x)":"x"}`} {
		checkSchema(t, schema, []byte(document), false)
	}
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(formats.JSONSchema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	return compiler.MustCompile("schema.json")
}

func checkSchema(t *testing.T, schema *jsonschema.Schema, document []byte, valid bool) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	if err := schema.Validate(value); (err == nil) != valid {
		t.Errorf("valid should be %v: %v: %s", valid, err, document)
	}
}

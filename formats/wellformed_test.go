package formats_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"testing"
)

// wantUniqueNames fails the test unless document is one JSON object in which every name occurs
// once.
func wantUniqueNames(t *testing.T, document []byte) {
	t.Helper()
	if !json.Valid(document) {
		t.Fatalf("no JSON: %s", document)
	}
	names := map[string]bool{}
	d := json.NewDecoder(bytes.NewReader(document))
	_, _ = d.Token()
	for d.More() {
		name, _ := d.Token()
		if names[name.(string)] {
			t.Fatalf("%q occurs twice: %s", name, document)
		}
		names[name.(string)] = true
		var value any
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
}

// wantXML fails the test unless document is well-formed, with no attribute twice.
func wantXML(t *testing.T, document []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(document))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("no XML: %v: %s", err, document)
		}
		element, _ := token.(xml.StartElement)
		seen := map[xml.Name]bool{}
		if element.Name.Space != "" {
			t.Fatalf("a header chose the namespace: %s", document)
		}
		for _, a := range element.Attr {
			if seen[a.Name] {
				t.Fatalf("attribute %s occurs twice: %s", a.Name.Local, document)
			}
			seen[a.Name] = true
		}
	}
}

// wantTable fails the test unless document is CSV with a line of names and as many fields in each
// line behind it.
func wantTable(t *testing.T, document []byte) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(document)).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("no table: %v: %q", err, document)
	}
}

package documentation_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// attackMark stands in the comment of a test that tries an attack: its name is in docs/security.md.
const attackMark = "//astproxy:attack"

var (
	attackRow  = regexp.MustCompile(`(?m)^\| ([0-9]+) \|(.*)\|(.*)\|(.*)\|$`)
	attackTest = regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`")
)

func TestEveryAttackOfTheSecurityPageIsTriedByATestAndEveryOneThatIsTriedIsThere(t *testing.T) {
	tests := markedTests(t)
	named := map[string]bool{}
	rows := attackRow.FindAllStringSubmatch(page(t, "docs/security.md"), -1)
	for i, row := range rows {
		if row[1] != strconv.Itoa(i+1) {
			t.Errorf("row %d has the number %s", i+1, row[1])
		}
		by := attackTest.FindAllStringSubmatch(row[4], -1)
		if len(by) == 0 || len(by) != strings.Count(row[4], "`")/2 {
			t.Errorf("row %d names no test, or something else: %s", i+1, row[4])
		}
		for _, each := range by {
			name := each[1] + "." + each[2]
			named[name] = true
			if marked, exists := tests[name]; !exists {
				t.Errorf("row %d: there is no %s", i+1, name)
			} else if !marked {
				t.Errorf("row %d: %s has no %s", i+1, name, attackMark)
			}
		}
	}
	if len(rows) < 50 {
		t.Errorf("there are %d rows", len(rows))
	}
	for name, marked := range tests {
		if marked && !named[name] {
			t.Errorf("%s has %s and is in no row", name, attackMark)
		}
	}
}

// markedTests are all tests there are, as folder.Name, and whether they are marked.
func markedTests(t *testing.T) map[string]bool {
	t.Helper()
	const root = "../.."
	tests := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() != ".." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || entry.Name() == "node_modules"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, declared := range file.Decls {
			if f, is := declared.(*ast.FuncDecl); is && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")) {
				tests[filepath.ToSlash(folder)+"."+f.Name.Name] = isMarked(f)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

func isMarked(f *ast.FuncDecl) bool {
	if f.Doc == nil {
		return false
	}
	for _, line := range f.Doc.List {
		if line.Text == attackMark {
			return true
		}
	}
	return false
}

package groups_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/plugins/groupcall/groups"
)

// database makes an SQLite database with a table of members.
func database(t *testing.T) (*sql.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pbx?.sqlite") // a character that is special in a URL
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String())
	if err == nil {
		_, err = db.Exec(`CREATE TABLE members (groupnumber, number, name, description);
			INSERT INTO members VALUES ('600', ' 1001 ', 'Ann', 'front desk'), ('600', 'PJSIP/102', 'Ben', NULL), ('600', ' ', '', ''), ('601', 1003, NULL, NULL)`)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, path
}

func open(t *testing.T, path, query string) *groups.Directory {
	t.Helper()
	c := groups.DatabaseConfig{Driver: "sqlite", Source: path, Query: query, List: "SELECT DISTINCT groupnumber FROM members", Most: 100}
	d := groups.NewDirectory(100, groups.NewDatabase(c, time.Now))
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

const query = "SELECT number, name, description FROM members WHERE groupnumber = ? ORDER BY number"

func TestGroupsComeFromSQLiteAndANewRowCountsAtOnce(t *testing.T) {
	db, path := database(t)
	d := open(t, path, query)
	members, err := d.Members(t.Context(), "600")
	if want := (groups.Member{Number: "1001", Name: "Ann", Description: "front desk"}); err != nil || len(members) != 2 || members[0] != want {
		t.Fatalf("the group is %q, %v", members, err)
	}
	if _, err := db.Exec("INSERT INTO members VALUES ('600', '1009', 'Cem', '')"); err != nil {
		t.Fatal(err)
	}
	if members, err = d.Members(t.Context(), "600"); err != nil || len(members) != 3 {
		t.Errorf("with a new row it is %q, %v", members, err)
	}
	if members, err = d.Members(t.Context(), "601"); err != nil || len(members) != 1 || members[0].Number != "1003" {
		t.Errorf("a number that is no text: %q, %v", members, err)
	}
	if all, err := d.Groups(t.Context()); err != nil || len(all) != 2 || all[0].Source != "database sqlite" {
		t.Errorf("the groups are %v, %v", all, err)
	}
	if _, err := d.Members(t.Context(), "600' OR 1=1 --"); !errors.Is(err, groups.ErrUnknown) {
		t.Errorf("a name that is SQL: %v", err)
	}
}

func TestAQueryThatCannotBeIsAnError(t *testing.T) {
	_, path := database(t)
	for what, query := range map[string]string{
		"has four columns":  "SELECT groupnumber, number, name, description FROM members WHERE groupnumber = ?",
		"writes":            "UPDATE members SET number = '1' WHERE groupnumber = ?",
		"has no columns":    "CREATE TABLE x (a)",
		"is none":           "SELEKT ?",
		"has no parameter":  "SELECT number FROM nowhere",
		"counts to the end": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i), ? FROM n",
	} {
		began := time.Now()
		if members, err := open(t, path, query).Members(t.Context(), "600"); !errors.Is(err, groups.ErrSource) {
			t.Errorf("a query that %s: %v, %v", what, members, err)
		}
		if took := time.Since(began); took > 10*groups.Wait {
			t.Errorf("a query that %s has taken %v", what, took)
		}
	}
	if _, err := open(t, path+".other", query).Members(t.Context(), "600"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestAGroupThatIsTooLargeIsAnErrorAndNotKept(t *testing.T) {
	db, path := database(t)
	for i := range 30_000 {
		if i%1000 == 0 {
			if _, err := db.Exec("INSERT INTO members SELECT '700', value, '', '' FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value+1 FROM n LIMIT 1000) SELECT value FROM n)"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if members, err := open(t, path, query).Members(t.Context(), "700"); !errors.Is(err, groups.ErrTooMany) {
		t.Errorf("30,000 members: %d, %v", len(members), err)
	}
}

func TestWhatWasReadLastIsUsedForAsLongAsConfigured(t *testing.T) {
	_, path := database(t)
	now := time.Now()
	keeping := groups.NewDatabase(groups.DatabaseConfig{Driver: "sqlite", Source: path, Query: query, Keep: time.Hour, Most: 100}, func() time.Time { return now })
	d := groups.NewDirectory(100, keeping)
	defer d.Close()
	if _, err := d.Members(t.Context(), "600"); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	if members, err := d.Members(t.Context(), "600"); err != nil || len(members) != 2 {
		t.Errorf("what was read last is %v, %v", members, err)
	}
	now = now.Add(2 * time.Hour)
	if members, err := d.Members(t.Context(), "600"); !errors.Is(err, groups.ErrSource) {
		t.Errorf("two hours later: %v, %v", members, err)
	}
}

func TestGroupsComeFromAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "groups.csv")
	d := groups.NewDirectory(3, groups.Configured{{Group: groups.Group{Name: "600"}, Members: []groups.Member{{Number: "1"}}}}, groups.File{Path: path})
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ text, group, want string }{
		{"", "700", "there is no such group: 700"},
		{"700,1001", "700", "1001"},
		{"700,1001", "600", "1"},
		{"\ufeffGroup, Number,Name\n700, 1001 ,Ann\n# 700,1002\n701,1\n700,PJSIP/102,\"Ben, Jr.\",x\r\n", "700", "1001 PJSIP/102"},
		{"700,1001\n700,,Ann\n", "700", "1001"},
		{"700,\n", "700", "nobody is in the group: 700"},
		{"700,1\n700,2\n700,3\n700,4\n", "700", "too many are in the group: 700 has 4, and 3 are allowed"},
		{"700,1001,a,b,c", "700", "line 1 has 5 columns; they are group, number, name and description"},
		{"700\n", "700", "line 1 has 1 columns; they are group, number, name and description"},
		{"700,\"1001\n", "700", "extraneous or missing"},
	} {
		write(c.text)
		members, err := d.Members(t.Context(), c.group)
		var all []string
		for _, m := range members {
			all = append(all, m.Number)
		}
		got := strings.Join(all, " ")
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) || c.want == "" {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Members(t.Context(), "700"); !errors.Is(err, groups.ErrSource) {
		t.Errorf("without a file: %v", err)
	}
	if _, err := d.Members(t.Context(), "600"); err != nil {
		t.Errorf("the configuration's own, without a file: %v", err)
	}
}

func TestAQuestionThatNobodyWaitsForAnyMoreEnds(t *testing.T) {
	_, path := database(t)
	d := open(t, path, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i), ? FROM n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Members(ctx, "600"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func ExampleFile() {
	_, err := groups.File{Path: "/nowhere.csv"}.Groups(context.Background())
	fmt.Println(err)
	// Output: open /nowhere.csv: no such file or directory
}

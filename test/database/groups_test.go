package database_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/astproxy/astproxy/plugins/groupcall/groups"
	"github.com/astproxy/astproxy/proxy/proxytest"
	"github.com/astproxy/astproxy/test/database"
)

func TestMain(m *testing.M) { proxytest.Main(m) }

const table = `CREATE TABLE members (groupnumber text, number text, name text, description text);
INSERT INTO members VALUES ('600', ' 1001 ', 'Ann', 'front desk'), ('600', 'PJSIP/102', 'Ben', NULL), ('601', '1003', NULL, NULL)`

func open(t *testing.T, source string, change func(*groups.DatabaseConfig)) *groups.Directory {
	c := groups.DatabaseConfig{
		Driver: "postgres", Source: source, Most: 100,
		Query: "SELECT number, name, description FROM members WHERE groupnumber = $1 ORDER BY number",
		List:  "SELECT DISTINCT groupnumber FROM members ORDER BY 1",
	}
	if change != nil {
		change(&c)
	}
	d := groups.NewDirectory(100, groups.NewDatabase(c, time.Now))
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func numbers(members []groups.Member) string {
	var all []string
	for _, m := range members {
		all = append(all, m.Number)
	}
	return strings.Join(all, " ")
}

func TestGroupsComeFromPostgreSQL(t *testing.T) {
	server := database.StartPostgres(t)
	server.Run(table)
	ctx := context.Background()
	d := open(t, server.URL, nil)
	members, err := d.Members(ctx, "600")
	if err != nil || numbers(members) != "1001 PJSIP/102" || members[0].Name != "Ann" {
		t.Fatalf("the group is %v, %v", members, err)
	}
	server.Run("INSERT INTO members VALUES ('600', '1009', 'Cem', '')")
	if members, err = d.Members(ctx, "600"); err != nil || numbers(members) != "1001 1009 PJSIP/102" {
		t.Errorf("with a new row the group is %v, %v", members, err)
	}
	if all, err := d.Groups(ctx); err != nil || len(all) != 2 || all[0].Name != "600" {
		t.Errorf("the groups are %v, %v", all, err)
	}
	if _, err := d.Members(ctx, "600' OR '1'='1"); !errors.Is(err, groups.ErrUnknown) {
		t.Errorf("a name that is SQL: %v", err)
	}
	for name, query := range map[string]string{
		"writes":            "INSERT INTO members VALUES ($1, '1', '', '') RETURNING number",
		"has no columns":    "SELECT FROM members WHERE groupnumber = $1",
		"has four columns":  "SELECT groupnumber, number, name, description FROM members WHERE groupnumber = $1",
		"is none":           "SELEKT $1",
		"takes for ever":    "SELECT pg_sleep(60)::text, $1",
		"has no parameters": "SELECT number FROM members",
	} {
		wrong := open(t, server.URL, func(c *groups.DatabaseConfig) { c.Query = query })
		began := time.Now()
		if _, err := wrong.Members(ctx, "600"); !errors.Is(err, groups.ErrSource) {
			t.Errorf("a query that %s: %v", name, err)
		}
		if took := time.Since(began); took > 10*groups.Wait { // far less than for ever, and far more than a busy machine adds
			t.Errorf("a query that %s has taken %v", name, took)
		}
	}
}

func TestADatabaseThatIsDownIsAnErrorInTimeOrWhatWasReadLast(t *testing.T) {
	server := database.StartPostgres(t)
	server.Run(table)
	ctx := context.Background()
	plain := open(t, server.URL, nil)
	keeping := open(t, server.URL, func(c *groups.DatabaseConfig) { c.Keep = time.Hour })
	for _, d := range []*groups.Directory{plain, keeping} {
		if _, err := d.Members(ctx, "600"); err != nil {
			t.Fatal(err)
		}
	}
	expectDown := func(what string) {
		t.Helper()
		began := time.Now()
		var asking sync.WaitGroup
		for range 100 { // more than a database is asked at once: in turns they would take twenty-five times as long
			asking.Go(func() {
				if _, err := plain.Members(ctx, "600"); !errors.Is(err, groups.ErrSource) {
					t.Errorf("%s: %v", what, err)
				}
			})
		}
		asking.Wait()
		if took := time.Since(began); took > 10*groups.Wait {
			t.Errorf("%s has taken %v", what, took)
		}
		if members, err := keeping.Members(ctx, "600"); err != nil || len(members) != 2 {
			t.Errorf("%s: what was read last is %v, %v", what, members, err)
		}
		if _, err := keeping.Members(ctx, "601"); !errors.Is(err, groups.ErrSource) {
			t.Errorf("%s: what was never read: %v", what, err)
		}
	}
	server.Stop()
	expectDown("a server that has stopped")
	server.Continue()
	server.Kill()
	expectDown("a server that is gone")
	server.Start()
	if members, err := plain.Members(ctx, "600"); err != nil || len(members) != 2 {
		t.Errorf("when it is back: %v, %v", members, err)
	}
}

package sim

import (
	"maps"
	"slices"
	"strings"

	"github.com/astproxy/astproxy/ami"
)

// database is AstDB: values by /family/key. It outlives a restart.
type database map[string]string

func init() {
	simulates(map[string]func(*session, ami.Message) bool{
		"DBPut":     (*session).dbPut,
		"DBGet":     (*session).dbGet,
		"DBGetTree": (*session).dbGetTree,
		"DBDel":     (*session).dbDel,
		"DBDelTree": (*session).dbDelTree,
	})
}

// databasePath is where an action's family and key are; missing is Asterisk's word when one is not given.
func databasePath(m ami.Message) (path, missing string) {
	switch {
	case m.Get("Family") == "":
		return "", "No family specified"
	case m.Get("Key") == "":
		return "", "No key specified"
	}
	return "/" + m.Get("Family") + "/" + m.Get("Key"), ""
}

// under are the paths of a family, or of a key in it, and below, sorted.
func (d database) under(m ami.Message) []string {
	prefix := ""
	if family := m.Get("Family"); family != "" {
		prefix = "/" + family
		if key := m.Get("Key"); key != "" {
			prefix += "/" + key
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(d)), func(path string) bool {
		return path != prefix && !strings.HasPrefix(path, prefix+"/")
	})
}

func (c *session) dbPut(m ami.Message) bool {
	path, missing := databasePath(m)
	if missing != "" {
		return c.fail(m, missing)
	}
	p := c.server.pbx
	p.do(func() { p.database[path] = m.Get("Val") })
	return c.ack(m, "Updated database successfully")
}

func (c *session) dbGet(m ami.Message) bool {
	path, missing := databasePath(m)
	if missing != "" {
		return c.fail(m, missing+".")
	}
	var value string
	var found bool
	p := c.server.pbx
	p.do(func() { value, found = p.database[path] })
	if !found {
		return c.fail(m, "Database entry not found")
	}
	b := ami.NewEvent("DBGetResponse").Add("Family", m.Get("Family")).Add("Key", m.Get("Key")).Add("Val", value)
	return c.list(m, "Result will follow", "DBGetComplete", []*ami.Builder{b.AddNonEmpty("ActionID", m.ActionID())})
}

func (c *session) dbGetTree(m ami.Message) bool {
	var items []*ami.Builder
	p := c.server.pbx
	p.do(func() {
		for _, path := range p.database.under(m) {
			b := ami.NewEvent("DBGetTreeResponse").Add("Key", path).Add("Val", p.database[path])
			items = append(items, b.AddNonEmpty("ActionID", m.ActionID()))
		}
	})
	if !c.server.config.asterisk16() {
		return c.list(m, "Result will follow", "DBGetTreeComplete", items)
	}
	if !c.beginList(m, "Result will follow") {
		return false
	}
	for _, b := range items {
		if !c.send(b) {
			return false
		}
	}
	return c.endList(m, "DBGetTreeComplete", 1) // 16 counts so
}

func (c *session) dbDel(m ami.Message) bool {
	path, missing := databasePath(m)
	if missing != "" {
		return c.fail(m, missing+".")
	}
	var found bool
	p := c.server.pbx
	p.do(func() {
		_, found = p.database[path]
		delete(p.database, path)
	})
	if !found {
		return c.fail(m, "Database entry could not be deleted")
	}
	return c.ack(m, "Key deleted successfully")
}

func (c *session) dbDelTree(m ami.Message) bool {
	if m.Get("Family") == "" {
		return c.fail(m, "No family specified.")
	}
	var paths []string
	p := c.server.pbx
	p.do(func() {
		paths = p.database.under(m)
		for _, path := range paths {
			delete(p.database, path)
		}
	})
	if len(paths) == 0 {
		return c.fail(m, "Database entry not found")
	}
	return c.ack(m, "Key tree deleted successfully")
}

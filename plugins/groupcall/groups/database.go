package groups

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/astproxy/astproxy/plugins/database"
)

// DatabaseConfig says how a database is asked.
type DatabaseConfig struct {
	Driver string // one of Drivers
	Source string // as the driver has it: a URL with a password, or a file
	// Query has one parameter, the group's name, as the driver writes it ($1 or ?), and gives the columns number, name and
	// description, of which the last two may be missing.
	Query string
	// List gives the columns group and description, of which the latter may be missing; empty: the database does not tell
	// which groups it has.
	List string
	// Keep is for how long what was read last may be used while the database is down; 0: not at all.
	Keep time.Duration
	// Most is how many members are read before the group is too large.
	Most int
}

// Drivers are the kinds of databases there are.
func Drivers() []string { return database.Drivers() }

// Database is the groups of a database.
type Database struct {
	config   DatabaseConfig
	now      func() time.Time
	database *database.Database

	mu   sync.Mutex
	kept map[string]answer // by group, where Keep is given
}

// answer is what a database has said.
type answer struct {
	members []Member
	at      time.Time
}

// maxKept bounds the groups that are kept.
const maxKept = 10_000

// NewDatabase is a database that is opened when it is first asked.
func NewDatabase(c DatabaseConfig, now func() time.Time) *Database {
	return &Database{config: c, now: now, database: database.New(database.Config{Driver: c.Driver, Source: c.Source}), kept: map[string]answer{}}
}

// Name implements Source.
func (d *Database) Name() string { return "database " + d.config.Driver }

// Members implements Source. A group is known if the query has any row for it.
func (d *Database) Members(ctx context.Context, group string) ([]Member, bool, error) {
	rows, err := d.database.Ask(ctx, database.Query{Text: d.config.Query, Parameters: []any{group}, Columns: 3, Limit: d.config.Most})
	if err != nil {
		if kept, ok := d.stillGood(group); ok && !errors.Is(err, database.ErrQuery) {
			return kept, true, nil // a wrong query must not be hidden by what was kept
		}
		return nil, false, err
	}
	var members []Member
	for _, row := range rows.Values {
		if len(members) == d.config.Most {
			return nil, false, fmt.Errorf("%w: %s has more than %d", ErrTooMany, group, d.config.Most)
		}
		row = append(row, "", "")
		members = append(members, Member{Number: row[0], Name: row[1], Description: row[2]})
	}
	d.keep(group, members)
	return members, len(members) > 0, nil
}

// Groups implements Source.
func (d *Database) Groups(ctx context.Context) ([]Group, error) {
	if d.config.List == "" {
		return nil, nil
	}
	rows, err := d.database.Ask(ctx, database.Query{Text: d.config.List, Columns: 2, Limit: maxKept})
	if err != nil {
		return nil, err
	}
	var all []Group
	for _, row := range rows.Values {
		if len(all) == maxKept {
			return nil, fmt.Errorf("there are more than %d groups", maxKept)
		}
		row = append(row, "")
		all = append(all, Group{Name: row[0], Description: row[1]})
	}
	return all, nil
}

// keep remembers what was read.
func (d *Database) keep(group string, members []Member) {
	if d.config.Keep <= 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(members) == 0 {
		delete(d.kept, group)
		return
	}
	if _, there := d.kept[group]; there || len(d.kept) < maxKept {
		d.kept[group] = answer{members, d.now()}
	}
}

func (d *Database) stillGood(group string) ([]Member, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, there := d.kept[group]
	return a.members, there && d.now().Sub(a.at) <= d.config.Keep
}

// Close ends the connections, and waits up to Wait for questions that are being asked.
func (d *Database) Close() error { return d.database.Close() }

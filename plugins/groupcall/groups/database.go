package groups

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// maxAsking is how many questions a database is asked at once.
const maxAsking = 4

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

// Database is the groups of a database.
type Database struct {
	config DatabaseConfig
	now    func() time.Time
	asking chan struct{} // holds as many as may ask
	asked  sync.WaitGroup

	mu     sync.Mutex
	db     *sql.DB           // nil until it could be opened
	kept   map[string]answer // by group, where Keep is given
	closed bool
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
	return &Database{config: c, now: now, asking: make(chan struct{}, maxAsking), kept: map[string]answer{}}
}

// Name implements Source.
func (d *Database) Name() string { return "database " + d.config.Driver }

// Members implements Source. A group is known if the query has any row for it.
func (d *Database) Members(ctx context.Context, group string) ([]Member, bool, error) {
	var members []Member
	err := d.ask(ctx, d.config.Query, []any{group}, 3, func(columns []string) error {
		if len(members) > d.config.Most {
			return fmt.Errorf("%w: %s has more than %d", ErrTooMany, group, d.config.Most)
		}
		members = append(members, Member{Number: columns[0], Name: columns[1], Description: columns[2]})
		return nil
	})
	if err != nil {
		if kept, ok := d.stillGood(group); ok && !errors.Is(err, ErrTooMany) && !errors.Is(err, errQuery) {
			return kept, true, nil
		}
		return nil, false, err
	}
	d.keep(group, members)
	return members, len(members) > 0, nil
}

// Groups implements Source.
func (d *Database) Groups(ctx context.Context) ([]Group, error) {
	if d.config.List == "" {
		return nil, nil
	}
	var all []Group
	err := d.ask(ctx, d.config.List, nil, 2, func(columns []string) error {
		if len(all) == maxKept {
			return fmt.Errorf("there are more than %d groups", maxKept)
		}
		all = append(all, Group{Name: columns[0], Description: columns[1]})
		return nil
	})
	return all, err
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

// ask runs a query and hands each row to row, within Wait. The driver works on a goroutine of its own: one that does not give
// up when it is told to holds nobody.
func (d *Database) ask(ctx context.Context, query string, parameters []any, most int, row func([]string) error) error {
	ctx, cancel := context.WithTimeout(ctx, Wait)
	defer cancel()
	select {
	case d.asking <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("it has not answered earlier questions: %w", ctx.Err())
	}
	if !d.begin() {
		<-d.asking
		return errors.New("it is closed")
	}
	var rows [][]string
	ended := make(chan error, 1)
	go func() {
		defer d.asked.Done()
		defer func() { <-d.asking }()
		read, err := d.read(ctx, query, parameters, most)
		rows = read
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil {
			return err
		}
	case <-ctx.Done():
		return fmt.Errorf("no answer: %w", ctx.Err())
	}
	for _, columns := range rows {
		if err := row(columns); err != nil {
			return err
		}
	}
	return nil
}

// begin counts a question, unless the database is closed.
func (d *Database) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.asked.Add(1)
	}
	return !d.closed
}

// errQuery is a query that can never work: what was kept must not hide it.
var errQuery = errors.New("the query is wrong")

// read runs a query. Every row has most columns; those that the query has not are empty.
func (d *Database) read(ctx context.Context, query string, parameters []any, most int) ([][]string, error) {
	db, err := d.open()
	if err != nil {
		return nil, err
	}
	var options *sql.TxOptions
	if drivers[d.config.Driver].readOnly {
		options = &sql.TxOptions{ReadOnly: true}
	}
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	found, err := tx.QueryContext(ctx, query, parameters...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	names, err := found.Columns()
	switch {
	case err != nil:
		return nil, err
	case len(names) == 0:
		return nil, fmt.Errorf("%w: it gives no columns", errQuery)
	case len(names) > most:
		return nil, fmt.Errorf("%w: it gives the columns %s; at most %d are wanted", errQuery, strings.Join(names, ", "), most)
	}
	return scan(found, len(names), most, d.config.Most)
}

// scan reads the rows there are, up to two more than limit: enough to see that they are too many.
func scan(found *sql.Rows, given, columns, limit int) ([][]string, error) {
	var rows [][]string
	for found.Next() {
		values := make([]sql.NullString, given)
		into := make([]any, given)
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]string, columns)
		for i, v := range values {
			row[i] = v.String
		}
		if rows = append(rows, row); len(rows) > max(limit, maxKept)+1 {
			break
		}
	}
	return rows, found.Err()
}

// open opens the database; the driver connects when it is first asked.
func (d *Database) open() (*sql.DB, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db != nil {
		return d.db, nil
	}
	if d.closed {
		return nil, errors.New("it is closed")
	}
	kind, known := drivers[d.config.Driver]
	if !known {
		return nil, fmt.Errorf("there is no driver %q", d.config.Driver)
	}
	source := d.config.Source
	if kind.source != nil {
		made, err := kind.source(source)
		if err != nil {
			return nil, err
		}
		source = made
	}
	db, err := sql.Open(kind.name, source)
	if err != nil {
		return nil, errors.New("its source cannot be read") // the driver's text may quote the password
	}
	db.SetMaxOpenConns(maxAsking)
	db.SetMaxIdleConns(1)
	db.SetConnMaxIdleTime(time.Minute)
	d.db = db
	return db, nil
}

// Close ends the connections, and waits up to Wait for questions that are being asked.
func (d *Database) Close() error {
	d.mu.Lock()
	db := d.db
	d.closed, d.db = true, nil
	d.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		d.asked.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(Wait):
	}
	if db == nil {
		return nil
	}
	return db.Close()
}

package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// Wait bounds every question.
	Wait = 2 * time.Second
	// maxAsking is how many questions a database is asked at once.
	maxAsking = 4
)

// ErrQuery is wrapped for a query that can never work.
var ErrQuery = errors.New("the query is wrong")

// Config says which database it is.
type Config struct {
	Driver string // one of Drivers
	Source string // as the driver has it: a URL with a password, or a file
}

// Database is a database, which is opened when it is first asked.
type Database struct {
	config Config
	asking chan struct{} // holds as many as may ask
	asked  sync.WaitGroup

	mu     sync.Mutex
	db     *sql.DB // nil until it could be opened
	closed bool
}

// New is a database that nobody has asked yet.
func New(c Config) *Database {
	return &Database{config: c, asking: make(chan struct{}, maxAsking)}
}

// Query is a question.
type Query struct {
	Text       string
	Parameters []any
	Columns    int // how many it may give at most
	Limit      int // how many rows are wanted: one more is read, so that it is seen that there are too many
}

// Rows are an answer. NULL is "".
type Rows struct {
	Columns []string // their names
	Values  [][]string
}

// Ask asks, within Wait. The error wraps ErrQuery where asking again is of no use.
func (d *Database) Ask(ctx context.Context, q Query) (Rows, error) {
	ctx, cancel := context.WithTimeout(ctx, Wait)
	defer cancel()
	select {
	case d.asking <- struct{}{}:
	case <-ctx.Done():
		return Rows{}, fmt.Errorf("it has not answered earlier questions: %w", ctx.Err())
	}
	if !d.begin() {
		<-d.asking
		return Rows{}, errors.New("it is closed")
	}
	var rows Rows
	ended := make(chan error, 1)
	go func() {
		defer d.asked.Done()
		defer func() { <-d.asking }()
		read, err := d.read(ctx, q)
		rows = read
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil {
			return Rows{}, err
		}
		return rows, nil
	case <-ctx.Done():
		return Rows{}, fmt.Errorf("no answer: %w", ctx.Err())
	}
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

func (d *Database) read(ctx context.Context, q Query) (rows Rows, err error) {
	db, err := d.open()
	if err != nil {
		return rows, err
	}
	var options *sql.TxOptions
	if drivers[d.config.Driver].readOnly {
		options = &sql.TxOptions{ReadOnly: true}
	}
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return rows, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	found, err := tx.QueryContext(ctx, q.Text, q.Parameters...)
	if err != nil {
		return rows, err
	}
	defer found.Close()
	rows.Columns, err = found.Columns()
	switch {
	case err != nil:
		return rows, err
	case len(rows.Columns) == 0:
		return rows, fmt.Errorf("%w: it gives no columns", ErrQuery)
	case len(rows.Columns) > q.Columns:
		return rows, fmt.Errorf("%w: it gives the columns %s; at most %d are wanted", ErrQuery, strings.Join(rows.Columns, ", "), q.Columns)
	}
	return rows, rows.scan(found, q.Limit)
}

// scan reads the rows there are, up to one more than limit.
func (r *Rows) scan(found *sql.Rows, limit int) error {
	for found.Next() {
		values := make([]sql.NullString, len(r.Columns))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			return err
		}
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = v.String
		}
		if r.Values = append(r.Values, row); len(r.Values) > limit {
			break
		}
	}
	return found.Err()
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

package database

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	_ "github.com/jackc/pgx/v5/stdlib" // the database/sql driver pgx
	_ "modernc.org/sqlite"             // the database/sql driver sqlite
)

// drivers are the kinds of databases: a line here and an import above make one more.
var drivers = map[string]driver{
	"postgres": {name: "pgx", readOnly: true},
	"sqlite":   {name: "sqlite", source: sqliteSource},
}

// driver is how package database/sql gets at a kind of database.
type driver struct {
	name string
	// source makes what the driver wants of what the configuration has; nil: it is the same.
	source func(string) (string, error)
	// readOnly tells whether it knows transactions that can only read.
	readOnly bool
}

// Drivers are the names there are.
func Drivers() []string { return slices.Sorted(maps.Keys(drivers)) }

// sqliteSource opens a file for reading only: one that is not there is an error and not an empty database. Whoever writes
// holds a reader for half a second at most.
func sqliteSource(path string) (string, error) {
	if _, err := os.Stat(path); err != nil {
		var where *os.PathError
		if errors.As(err, &where) {
			err = where.Err
		}
		return "", fmt.Errorf("%s: %w", path, err)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	u := url.URL{Scheme: "file", Path: absolute, RawQuery: "mode=ro&_pragma=busy_timeout(500)"}
	return u.String(), nil
}

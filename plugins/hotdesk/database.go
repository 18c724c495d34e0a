package hotdesk

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/astproxy/astproxy/plugins/database"
)

// maxUsers bounds what is read of a database.
const maxUsers = 200_000

// databaseUsers is the users of a database. It is for one goroutine at a time.
type databaseUsers struct {
	database *database.Database
	driver   string
	query    string
	before   [][]string
}

func newDatabaseUsers(c DatabaseConfig) *databaseUsers {
	return &databaseUsers{
		database: database.New(database.Config{Driver: c.Driver, Source: string(c.Source)}), driver: c.Driver, query: c.Query,
	}
}

func (d *databaseUsers) name() string { return "database " + d.driver }

// users asks for all of them. A row that is none is an error that tells its extension, and never a PIN.
func (d *databaseUsers) users(ctx context.Context) (all []*User, unchanged bool, err error) {
	rows, err := d.database.Ask(ctx, database.Query{Text: d.query, Columns: len(columns), Limit: maxUsers})
	switch {
	case err != nil:
		return nil, false, err
	case len(rows.Values) > maxUsers:
		return nil, false, fmt.Errorf("there are more than %d users", maxUsers)
	case d.before != nil && reflect.DeepEqual(rows.Values, d.before):
		return nil, true, nil
	}
	if err := checkHead(rows.Columns); err != nil {
		return nil, false, errors.Join(database.ErrQuery, err)
	}
	for i, row := range rows.Values {
		user, err := userOf(rows.Columns, row)
		if err != nil {
			return nil, false, fmt.Errorf("row %d: %w", i+1, err)
		}
		all = append(all, user)
	}
	d.before = rows.Values
	if d.before == nil {
		d.before = [][]string{}
	}
	return all, false, nil
}

func (d *databaseUsers) close() error { return d.database.Close() }

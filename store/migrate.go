package store

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations make of a file of one version that of the next, the first of an empty one. What was published is never
// changed; a new one is added at the end.
var migrations = []string{
	`CREATE TABLE entry (
		name  TEXT NOT NULL, -- the table's, as its owner calls it
		key   TEXT NOT NULL,
		value TEXT NOT NULL,
		PRIMARY KEY (name, key)
	) WITHOUT ROWID, STRICT`,
}

// migrate brings the file's tables up to date. Its version is SQLite's user_version; all of it happens, or nothing does.
func (s *SQLite) migrate(ctx context.Context) (err error) {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback()
		}
	}()
	version, err := fileVersion(tx)
	if err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("it is of version %d, of a newer astproxy; this one knows up to %d", version, len(migrations))
	}
	if version == len(migrations) {
		return tx.Rollback()
	}
	for _, m := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, m); err != nil {
			return err
		}
	}
	// PRAGMA takes no parameters.
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations))); err != nil {
		return err
	}
	return tx.Commit()
}

func fileVersion(tx *sql.Tx) (version int, err error) {
	err = tx.QueryRow("PRAGMA user_version").Scan(&version)
	return version, err
}

package groups

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxFile bounds a file of groups.
const maxFile = 16 << 20

// File is a CSV file with a line a member: group, number, name, description, of which the last two may be missing.
// A first line that begins with "group,number" names the columns; a line that begins with # is a remark. It is read anew
// at every question.
type File struct{ Path string }

// Name implements Source.
func (f File) Name() string { return "file " + f.Path }

// Members implements Source.
func (f File) Members(ctx context.Context, group string) (members []Member, known bool, err error) {
	err = f.each(ctx, func(name string, m Member) {
		if name == group {
			members = append(members, m)
		}
	})
	return members, len(members) > 0, err
}

// Groups implements Source.
func (f File) Groups(ctx context.Context) (all []Group, err error) {
	seen := map[string]bool{}
	err = f.each(ctx, func(name string, _ Member) {
		if !seen[name] {
			seen[name] = true
			all = append(all, Group{Name: name})
		}
	})
	return all, err
}

// Close implements Source.
func (File) Close() error { return nil }

// each calls f for every line.
func (f File) each(ctx context.Context, line func(group string, m Member)) error {
	file, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil {
		return err
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file", f.Path)
	} else if info.Size() > maxFile {
		return fmt.Errorf("%s is larger than %d bytes", f.Path, maxFile)
	}
	lines := csv.NewReader(io.LimitReader(file, maxFile))
	lines.Comment = '#'
	lines.FieldsPerRecord = -1
	lines.TrimLeadingSpace = true
	for first := true; ctx.Err() == nil; first = false {
		columns, err := lines.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case first && isHead(columns):
			continue
		case len(columns) < 2 || len(columns) > 4:
			at, _ := lines.FieldPos(0)
			return fmt.Errorf("line %d has %d columns; they are group, number, name and description", at, len(columns))
		}
		columns = append(columns, "", "")
		line(strings.TrimSpace(columns[0]), Member{Number: columns[1], Name: columns[2], Description: columns[3]})
	}
	return ctx.Err()
}

func isHead(columns []string) bool {
	return len(columns) >= 2 &&
		strings.EqualFold(strings.TrimSpace(strings.TrimPrefix(columns[0], "\ufeff")), "group") &&
		strings.EqualFold(strings.TrimSpace(columns[1]), "number")
}

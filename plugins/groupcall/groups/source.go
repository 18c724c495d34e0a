package groups

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/astproxy/astproxy/plugins/database"
)

// Wait bounds every question to a source.
const Wait = database.Wait

// Member is somebody who belongs to a group.
type Member struct {
	// Number is what to call: a number, or a channel as Originate has it.
	Number string
	// Name and Description are for people; either may be empty.
	Name, Description string
}

// Group is a group that there is.
type Group struct {
	Name        string
	Description string
	Source      string // which source has it, for people: "configuration", "file /etc/astproxy/groups.csv"
}

// Source has groups.
type Source interface {
	// Name is what it is called to people; it holds no secret.
	Name() string
	// Members are those of a group, in the source's order, as it has them: untrimmed, and twice if they are there
	// twice. known tells whether there is such a group.
	Members(ctx context.Context, group string) (members []Member, known bool, err error)
	// Groups are those there are; a source that cannot tell has none.
	Groups(ctx context.Context) ([]Group, error)
	// Close ends what it has open.
	Close() error
}

// Why a group's members are not known.
var (
	// ErrUnknown is wrapped when no source has the group.
	ErrUnknown = errors.New("there is no such group")
	// ErrEmpty is wrapped when nobody is in the group.
	ErrEmpty = errors.New("nobody is in the group")
	// ErrSource is wrapped when a source that had to be asked could not answer.
	ErrSource = errors.New("the source of the groups did not answer")
	// ErrTooMany is wrapped when a group has more members than may be.
	ErrTooMany = errors.New("too many are in the group")
)

// Directory is all sources, asked one after the other.
type Directory struct {
	sources []Source
	most    int
}

// NewDirectory is a directory of groups with up to most members each.
func NewDirectory(most int, sources ...Source) *Directory {
	return &Directory{sources: sources, most: most}
}

// Members are those of a group, trimmed, and those with no number left out. A source that does not answer
// ends the search: the group could be in it.
func (d *Directory) Members(ctx context.Context, group string) ([]Member, error) {
	for _, source := range d.sources {
		members, known, err := source.Members(ctx, group)
		switch {
		case errors.Is(err, ErrTooMany):
			return nil, err
		case err != nil:
			return nil, fmt.Errorf("%w: %s: %w", ErrSource, source.Name(), err)
		case known:
			return d.tidy(group, members)
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrUnknown, group)
}

func (d *Directory) tidy(group string, members []Member) ([]Member, error) {
	kept := make([]Member, 0, len(members))
	for _, m := range members {
		m = Member{Number: strings.TrimSpace(m.Number), Name: strings.TrimSpace(m.Name), Description: strings.TrimSpace(m.Description)}
		if m.Number != "" {
			kept = append(kept, m)
		}
	}
	switch {
	case len(kept) == 0:
		return nil, fmt.Errorf("%w: %s", ErrEmpty, group)
	case len(kept) > d.most:
		return nil, fmt.Errorf("%w: %s has %d, and %d are allowed", ErrTooMany, group, len(kept), d.most)
	}
	return kept, nil
}

// Groups are all there are, each once, and what went wrong with sources that did not answer.
func (d *Directory) Groups(ctx context.Context) ([]Group, error) {
	var all []Group
	var failed []error
	seen := map[string]bool{}
	for _, source := range d.sources {
		groups, err := source.Groups(ctx)
		if err != nil {
			failed = append(failed, fmt.Errorf("%w: %s: %w", ErrSource, source.Name(), err))
		}
		for _, g := range groups {
			if g.Name = strings.TrimSpace(g.Name); g.Name != "" && !seen[g.Name] {
				seen[g.Name] = true
				g.Source = source.Name()
				all = append(all, g)
			}
		}
	}
	return all, errors.Join(failed...)
}

// Close closes every source.
func (d *Directory) Close() error {
	var failed []error
	for _, source := range d.sources {
		failed = append(failed, source.Close())
	}
	return errors.Join(failed...)
}

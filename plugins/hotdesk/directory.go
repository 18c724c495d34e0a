package hotdesk

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/plugins"
)

// source has users.
type source interface {
	// name is what it is called to people.
	name() string
	// users are all it has. unchanged: they are those it had the last time.
	users(ctx context.Context) (all []*User, unchanged bool, err error)
}

// refresh is how often sources are asked at most.
const refresh = 5 * time.Second

// directory is all users there are. Of several of one extension the first source's counts. A source that fails keeps
// those it had.
type directory struct {
	sources []source
	clock   plugins.Clock
	log     *slog.Logger

	asking chan struct{} // holds a token while nobody asks the sources
	had    [][]*User     // by source; whose turn it is

	// guarded by mu
	mu     sync.Mutex
	now    *people
	asked  time.Time
	failed map[string]bool // the sources whose failure has been logged
}

// people are users as of one moment.
type people struct {
	byExtension map[string]*User // in lower case
	pins        *access.Users
	clear       int  // of how many the PIN is not hashed
	whole       bool // every source has been read at least once
}

func newDirectory(log *slog.Logger, clock plugins.Clock, sources ...source) *directory {
	d := &directory{sources: sources, clock: clock, log: log, asking: make(chan struct{}, 1), had: make([][]*User, len(sources)), failed: map[string]bool{}}
	d.asking <- struct{}{}
	return d
}

// people are the users of now, or of a moment ago. Error: ctx's.
func (d *directory) people(ctx context.Context) (*people, error) {
	if now, fresh := d.fresh(); fresh {
		return now, nil
	}
	select {
	case <-d.asking:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { d.asking <- struct{}{} }()
	now, fresh := d.fresh() // somebody else has asked
	if fresh {
		return now, nil
	}
	changed, whole := now == nil, true
	for i, s := range d.sources {
		all, unchanged, err := s.users(ctx)
		d.tell(s, err)
		switch {
		case err != nil:
			whole = whole && d.had[i] != nil
		case !unchanged:
			d.had[i], changed = append([]*User{}, all...), true
		}
	}
	if changed || !now.whole {
		now = d.make(whole)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now, d.asked = now, d.clock.Now()
	return now, nil
}

// close ends what the sources have open.
func (d *directory) close() {
	for _, s := range d.sources {
		if closer, is := s.(interface{ close() error }); is {
			if err := closer.close(); err != nil {
				d.log.Warn("users were not closed", "source", s.name(), "error", err)
			}
		}
	}
}

func (d *directory) fresh() (*people, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now, d.now != nil && d.clock.Now().Sub(d.asked) < refresh
}

// tell logs that a source fails, and that it does no more, once.
func (d *directory) tell(s source, err error) {
	d.mu.Lock()
	before := d.failed[s.name()]
	d.failed[s.name()] = err != nil
	d.mu.Unlock()
	switch {
	case err != nil && !before:
		d.log.Error("users cannot be read; those there were stay", "source", s.name(), "error", err)
	case err == nil && before:
		d.log.Info("users can be read again", "source", s.name())
	}
}

// make makes people of what the sources have.
func (d *directory) make(whole bool) *people {
	p := &people{byExtension: map[string]*User{}, whole: whole}
	var pins []access.UserConfig
	for _, all := range d.had {
		for _, u := range all {
			key := strings.ToLower(u.Extension)
			if _, taken := p.byExtension[key]; taken {
				continue
			}
			p.byExtension[key] = u
			if u.PIN == "" {
				continue
			}
			if !u.PIN.Hashed() {
				p.clear++
			}
			pins = append(pins, access.UserConfig{Name: u.Extension, Secret: u.PIN})
		}
	}
	users, err := access.NewUsers(pins)
	if err != nil { // they have been checked
		d.log.Error("users cannot be used", "error", err)
		users, _ = access.NewUsers(nil)
	}
	p.pins = users
	return p
}

// find is the user of an extension.
func (p *people) find(extension string) (*User, bool) {
	u, known := p.byExtension[strings.ToLower(extension)]
	return u, known
}

// verify tells whether a PIN is that of the user of an extension. It takes as long for one that there is not.
func (p *people) verify(extension, pin string) bool {
	_, right := p.pins.Authenticate(extension, pin)
	return right
}

// configured is the users of the configuration.
type configured struct {
	all  []UserConfig
	read bool
}

func (*configured) name() string { return "configuration" }

func (c *configured) users(context.Context) (all []*User, unchanged bool, err error) {
	if c.read {
		return nil, true, nil
	}
	c.read = true
	for _, u := range c.all {
		user, err := u.user()
		if err != nil {
			return nil, false, err
		}
		all = append(all, user)
	}
	return all, false, nil
}

// maxFile bounds a file of users.
const maxFile = 64 << 20

// file is a CSV file of users. Its first line names its columns.
type file struct {
	path string
	seen os.FileInfo // when it was read last; for one goroutine at a time
}

func (f *file) name() string { return f.path }

// columns are those that a file or a query may have; the first it must.
var columns = []string{"extension", "name", "pin", "enabled", "queues", "callerid", "context", "mailbox"}

func (f *file) users(context.Context) (all []*User, unchanged bool, err error) {
	opened, err := os.Open(f.path)
	if err != nil {
		return nil, false, err
	}
	defer opened.Close()
	info, err := opened.Stat()
	switch {
	case err != nil:
		return nil, false, err
	case !info.Mode().IsRegular():
		return nil, false, errors.New("it is no file")
	case info.Size() > maxFile:
		return nil, false, fmt.Errorf("it is larger than %d bytes", maxFile)
	case f.seen != nil && os.SameFile(f.seen, info) && f.seen.Size() == info.Size() && f.seen.ModTime().Equal(info.ModTime()):
		return nil, true, nil
	}
	if all, err = readUsers(io.LimitReader(opened, maxFile)); err != nil {
		return nil, false, err
	}
	f.seen = info
	return all, false, nil
}

// readUsers reads a CSV file. Its errors tell the line, and never a PIN.
func readUsers(from io.Reader) (all []*User, err error) {
	lines := csv.NewReader(from)
	lines.Comment = '#'
	lines.TrimLeadingSpace = true
	head, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it has no first line that names its columns")
	}
	if err != nil {
		return nil, err
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	if err := checkHead(head); err != nil {
		return nil, err
	}
	for {
		fields, err := lines.Read()
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		}
		user, err := userOf(head, fields)
		if err != nil {
			at, _ := lines.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", at, err)
		}
		all = append(all, user)
	}
}

// checkHead makes columns' names those there are, or tells that one is not.
func checkHead(head []string) error {
	for i, column := range head {
		head[i] = strings.ToLower(strings.TrimSpace(column))
		if !slices.Contains(columns, head[i]) {
			return fmt.Errorf("there is no column %q; there are %s", head[i], strings.Join(columns, ", "))
		}
	}
	if !slices.Contains(head, "extension") {
		return errors.New("it has no column extension")
	}
	return nil
}

// userOf makes a user of a line of a file, or of a row of a database.
func userOf(head, fields []string) (*User, error) {
	row := map[string]string{}
	for i, value := range fields {
		row[head[i]] = strings.TrimSpace(value)
	}
	c := UserConfig{
		Enabled: true, Extension: row["extension"], Name: row["name"], PIN: access.Secret(row["pin"]),
		CallerID: row["callerid"], Context: row["context"], Mailbox: row["mailbox"],
		Queues: strings.FieldsFunc(row["queues"], func(r rune) bool { return strings.ContainsRune(";, ", r) }),
	}
	switch strings.ToLower(row["enabled"]) {
	case "", "1", "y", "yes", "t", "true", "on":
	case "0", "n", "no", "f", "false", "off":
		c.Enabled = false
	default:
		return nil, fmt.Errorf("enabled is yes or no, not %q", row["enabled"])
	}
	return c.user()
}

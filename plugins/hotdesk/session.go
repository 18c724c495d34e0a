package hotdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/astproxy/astproxy/store"
)

// session says that a user is at a device. It never changes; another one takes its place.
type session struct {
	User    string       `json:"user"` // the extension
	Name    string       `json:"name,omitempty"`
	Server  string       `json:"server"`
	Device  string       `json:"device"` // with its technology: PJSIP/101
	Since   time.Time    `json:"since"`
	Expires time.Time    `json:"expires,omitzero"`
	Queues  []Membership `json:"queues,omitempty"`
	// Paused are the queues he is paused in, and why; "": all of them.
	Paused map[string]string `json:"paused,omitempty"`

	CallerID string `json:"callerid,omitempty"`
	Context  string `json:"context,omitempty"`
	Mailbox  string `json:"mailbox,omitempty"`
}

// place is where a session is: there is one at most. Devices of one name and two technologies are one, because the dialplan
// has their names alone.
type place struct{ server, name string }

func (s *session) place() place { return place{s.Server, deviceName(s.Device)} }

func (p place) String() string { return p.server + "/" + p.name }

// deviceName is a device's name without its technology.
func deviceName(device string) string {
	_, name, _ := strings.Cut(device, "/")
	return name
}

// paused tells whether and why the user is paused in a queue.
func (s *session) paused(queue string) (reason string, is bool) {
	if reason, is = s.Paused[queue]; is {
		return reason, true
	}
	reason, is = s.Paused[""]
	return reason, is
}

// table has the sessions, by their places.
const table = "hotdesk/session"

// load reads all sessions. What cannot be read is told, and is none.
func load(ctx context.Context, s store.Store) (all []*session, wrong error, err error) {
	var entries []store.Entry
	err = s.Read(ctx, func(r store.Reader) (err error) {
		entries, err = r.All(table)
		return err
	})
	for _, e := range entries {
		var one session
		switch unreadable := json.Unmarshal([]byte(e.Value), &one); {
		case unreadable != nil:
			wrong = errors.Join(wrong, fmt.Errorf("%s: %w", e.Key, unreadable))
		case !rightExtension.MatchString(one.User) || !rightDevice.MatchString(deviceName(one.Device)) || one.place().String() != e.Key:
			wrong = errors.Join(wrong, fmt.Errorf("%s: it is no session", e.Key))
		default:
			all = append(all, &one)
		}
	}
	return all, wrong, err
}

// save makes the store have after where it has before.
func save(ctx context.Context, s store.Store, before, after []*session) error {
	values := map[string]string{}
	for _, one := range after {
		text, err := json.Marshal(one)
		if err != nil {
			return err
		}
		values[one.place().String()] = string(text)
	}
	return s.Write(ctx, func(w store.Writer) error {
		for _, one := range before {
			if _, stays := values[one.place().String()]; stays {
				continue
			}
			if err := w.Delete(table, one.place().String()); err != nil {
				return err
			}
		}
		for key, value := range values {
			if err := w.Put(table, key, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// sorted are sessions by user and place, so that what is made of them is always the same.
func sorted(all []*session) []*session {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b *session) int {
		return strings.Compare(a.User+"\x00"+a.place().String(), b.User+"\x00"+b.place().String())
	})
	return all
}

package feed_test

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// byWord is a Labeller that gives an event the words of its header For as tags. By an event Meet, those come to
// know what the latest event of the name Newchannel told.
type byWord struct {
	mu     sync.Mutex
	seen   []string
	told   ami.Message
	knowIt feed.Tags
}

func (l *byWord) Label(e *feed.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, e.Message.Event())
	e.Tags = feed.NewTags(strings.Fields(e.Message.Get("For"))...)
	switch e.Message.Event() {
	case "Newchannel":
		l.told, l.knowIt = e.Message, e.Tags
	case "Meet":
		all := l.knowIt.With(e.Tags)
		e.Earlier = []feed.Earlier{{Tags: all, Before: l.knowIt, Class: ami.ClassCall, Messages: []ami.Message{l.told, event("Newstate")}}}
		l.knowIt = all
	}
}

func (l *byWord) Lost() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, "lost")
}

func (l *byWord) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.seen)
}

// tagged is the events of one tag, with their places in the log.
func tagged(tag string) *feed.Selection {
	tags := feed.Tags{tag}
	return &feed.Selection{
		Key: tag, Format: numberedText{}, Tags: tags, Hints: []feed.Hint{{Tag: tag}},
		Match: func(e *feed.Event) bool { return e.Tags.Meet(tags) },
	}
}

// numberedText writes an event as its name and its place.
type numberedText struct{ text }

func (numberedText) Append(dst []byte, e *feed.Event) []byte {
	return append(dst, "Event: "+e.Message.Event()+" "+strconv.FormatUint(e.Sequence, 10)+"\r\n\r\n"...)
}

func eventFor(name, tags string) ami.Message {
	return ami.NewEvent(name).Add("For", tags).Message()
}

func TestWhatCameEarlierGoesToThoseWhoKnowOfItSinceAnEventAndInFrontOfThat(t *testing.T) {
	f := runLabelled(t, feed.Config{Recent: 1 << 20}, &byWord{})
	ann, bob, carl := dial(t, f, feed.Disconnect), dial(t, f, feed.Disconnect), dial(t, f, feed.Disconnect)
	for tag, c := range map[string]*client{"ann": ann, "bob": bob, "carl": carl} {
		c.SetSelection(tagged(tag), block("login"))
		c.expect("Response: login")
	}
	f.AppendHidden("", eventFor("Hidden", "ann bob carl"))
	f.Append("", ami.ClassCall, eventFor("Newchannel", "ann"))
	f.Append("", ami.ClassCall, eventFor("Meet", "ann bob"))
	f.Append("", ami.ClassCall, eventFor("Meet", "ann bob"))
	last := f.Append("", ami.ClassCall, eventFor("Hangup", "ann bob carl"))
	// What came earlier has the place before: who comes back to that gets it, and the event, again.
	ann.expect("Event: Newchannel 2", "Event: Meet 3", "Event: Meet 4", "Event: Hangup 5")
	bob.expect("Event: Newchannel 2", "Event: Newstate 2", "Event: Meet 3", "Event: Meet 4", "Event: Hangup 5")
	carl.expect("Event: Hangup 5")

	for since, want := range map[uint64][]string{
		2:    {"Event: Newchannel 2", "Event: Newstate 2", "Event: Meet 3", "Event: Meet 4", "Event: Hangup 5"},
		3:    {"Event: Meet 4", "Event: Hangup 5"},
		last: nil,
	} {
		again := dial(t, f, feed.Disconnect)
		again.Resume(tagged("bob"), since, block("welcome back"))
		again.expect("Response: welcome back")
		again.expect(want...)
	}
}

func TestALabellerHearsWhereTheLogHasLostEvents(t *testing.T) {
	l := &byWord{}
	f := runLabelled(t, feed.Config{}, l)
	c := dial(t, f, feed.Disconnect)
	c.SetSelection(everything(), block("login"))
	f.Append("", ami.ClassCall, event("one"))
	c.expect("Response: login", "Event: one")
	f.Configure(feed.Config{Memory: 1})
	f.Append("", ami.ClassCall, event("two"))
	f.AppendHidden("", event("three"))
	f.Configure(feed.Config{})
	f.AppendHidden("", event("four"))
	f.Append("", ami.ClassCall, event("five"))
	for c.read() != "Event: five" { // a ProxyGap may come before
		continue
	}
	if want := []string{"one", "lost", "four", "five"}; !slices.Equal(l.all(), want) {
		t.Errorf("the labeller heard %q, want %q", l.all(), want)
	}
}

func TestTagsAreSets(t *testing.T) {
	a, b := feed.NewTags("x", "b", "x", "a"), feed.NewTags("c", "a")
	if a.String() != "a, b, x" || a.With(b).String() != "a, b, c, x" || a.Without(b).String() != "b, x" {
		t.Error(a, a.With(b), a.Without(b))
	}
	if !a.Meet(b) || a.Meet(feed.NewTags("q")) || a.Meet(nil) || feed.Tags(nil).Meet(b) {
		t.Error("who meets whom")
	}
	if all := a.With(b); &all.With(b)[0] != &all[0] || &b.With(all)[0] != &all[0] || &feed.Tags(nil).With(all)[0] != &all[0] {
		t.Error("equal ones are not the same")
	}
	many := feed.NewTags("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	if !many.Has("j") || many.Has("jj") {
		t.Error("of many")
	}
}

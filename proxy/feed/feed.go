package feed

import (
	"context"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/internal/socket"
)

// Config bounds a Feed. The zero value of a field stands for its default.
type Config struct {
	Memory       int64         // bytes of events kept for those who are behind; 64 MiB
	ReplyMemory  int64         // bytes of private messages waiting to be written, all clients; 256 MiB
	Flush        time.Duration // how long an event may wait to be written together with others; 8 ms, below zero: not at all
	WriteTimeout time.Duration // how long a client may accept nothing before it is closed; 30 s
	Writers      int           // goroutines that write to clients; one for every two processors
	Recent       int64         // bytes of events kept for clients that come back; none unless given
}

func (c Config) withDefaults() Config {
	if c.Memory == 0 {
		c.Memory = 64 << 20
	}
	if c.ReplyMemory == 0 {
		c.ReplyMemory = 256 << 20
	}
	if c.Flush == 0 {
		c.Flush = 8 * time.Millisecond
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = 30 * time.Second
	}
	if c.Writers == 0 {
		// The other half reads, matches, and carries what was written: more writers than that take each
		// other's processors away, and a delivery costs half as much again.
		c.Writers = max(1, runtime.GOMAXPROCS(0)/2)
	}
	return c
}

// Feed is the log, its views and those who write them out.
type Feed struct {
	config   atomic.Pointer[Config]
	sweepers []*sweeper
	pages    *socket.Pages                        // for what many are sent
	wake     chan struct{}                        // to the matcher
	labeller Labeller                             // set before Run; nil: none
	observer func(events []Event, dropped uint64) // told by the matcher; nil: there is none

	// guarded by logMu, held for an append or a swap only
	logMu        sync.Mutex
	pending      []Event // appended, not matched yet
	pendingBytes int64
	dropped      uint64        // events that found no room, not announced yet
	lost         bool          // an event found no room, and none was appended since
	appended     atomic.Uint64 // the last sequence; written under logMu

	// guarded by mu, which the matcher holds for a batch
	mu      sync.Mutex
	views   map[string]*view
	list    []*view       // the same, to walk
	index   index         // the same, by what they can want
	memory  int64         // cost of all views' chunks
	encoded []encoding    // of the event at hand, one a format
	matched atomic.Uint64 // every view holds what it wants up to here; written under mu
	recent  recent

	droppedEver atomic.Uint64
	delivered   atomic.Uint64 // bytes written to streams
	tooSlow     atomic.Uint64 // streams that lost events, each time

	// guarded by matching, which whoever matches holds
	matching sync.Mutex
	spare    []Event // a batch's memory, used again

	replies atomic.Int64  // bytes of private messages waiting, and of held
	held    atomic.Int64  // bytes of answers that wait elsewhere
	opened  atomic.Uint64 // streams ever opened, to deal them out to the sweepers
	full    atomic.Bool   // replies are over their memory

	// guarded by streamsMu
	streamsMu sync.Mutex
	streams   map[*Stream]struct{}
}

// encoding is the event at hand in one format.
type encoding struct {
	format Format
	bytes  []byte
	done   bool
}

// New makes a Feed. Nothing moves before Run.
func New(c Config) *Feed {
	f := &Feed{
		pages:   socket.NewPages(sendMemory),
		wake:    make(chan struct{}, 1),
		views:   map[string]*view{},
		streams: map[*Stream]struct{}{},
	}
	c = c.withDefaults()
	f.config.Store(&c)
	f.recent.limit = c.Recent
	for range c.Writers {
		f.sweepers = append(f.sweepers, newSweeper(f))
	}
	return f
}

// Configure changes the bounds of a Feed that runs. How many Writers there are stays as it is.
func (f *Feed) Configure(c Config) {
	c = c.withDefaults()
	c.Writers = len(f.sweepers)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.config.Store(&c)
	f.recent.limit = c.Recent
	f.recent.trim()
	f.makeRoom()
}

// Append puts an event at the end of the log and returns its sequence. It never waits: when the
// matcher is so far behind that its share of the memory is full, the event is dropped, and everybody
// is told so by a ProxyGap. Any goroutine may call it.
func (f *Feed) Append(server string, class ami.Class, m ami.Message) uint64 {
	sequence := f.append(Event{Server: server, Class: class, Message: m})
	notify(f.wake)
	return sequence
}

// AppendOwn is Append of an event that the proxy itself tells about a server, and that belongs to whom given says.
func (f *Feed) AppendOwn(server string, class ami.Class, given Tags, m ami.Message) {
	f.append(Event{Server: server, Class: class, Message: m, own: true, given: given})
	notify(f.wake)
}

// AppendHidden is Append of a message that nobody gets and only the Labeller sees, in its place.
func (f *Feed) AppendHidden(server string, m ami.Message) {
	f.append(Event{Server: server, Message: m, hidden: true})
	notify(f.wake)
}

func (f *Feed) append(e Event) uint64 {
	f.logMu.Lock()
	defer f.logMu.Unlock()
	if f.pendingBytes+e.size() > f.config.Load().Memory {
		f.lost = true
		if !e.hidden {
			f.dropped++
			f.droppedEver.Add(1)
		}
		notify(f.wake) // it may be the first of all: the loss is told at once
		return f.appended.Load()
	}
	if f.dropped > 0 {
		f.appendGap()
	}
	e.Sequence, e.afterLoss = f.appended.Add(1), f.lost
	f.lost = false
	f.pendingBytes += e.size()
	f.pending = append(f.pending, e)
	return e.Sequence
}

// appendGap puts the announcement of those that were dropped where they would be. With logMu held.
func (f *Feed) appendGap() {
	f.pending = append(f.pending, Event{
		Sequence: f.appended.Add(1), Message: GapEvent(f.dropped, GapOverload), dropped: f.dropped,
	})
	f.dropped = 0
}

// Sequence is that of the latest event: a private message that comes now belongs after it.
func (f *Feed) Sequence() uint64 { return f.appended.Load() }

// notify wakes whoever waits on c, once however often it is called before.
func notify(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run matches and writes until ctx ends; then every stream is closed. It returns when all its
// goroutines have ended.
func (f *Feed) Run(ctx context.Context) {
	var writers sync.WaitGroup
	for _, s := range f.sweepers {
		writers.Go(func() { s.run(ctx) })
	}
	defer func() {
		writers.Wait()
		f.pages.Close()
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
			f.matchPending()
			f.relieve()
		}
	}
}

// makeRoom keeps the views within their memory: first what everybody has read goes, then the
// oldest chunk of all, and again.
func (f *Feed) makeRoom() {
	if f.memory <= f.config.Load().Memory {
		return
	}
	for _, v := range f.list {
		f.memory -= v.release()
	}
	for f.memory > f.config.Load().Memory {
		var victim *view
		var oldest uint64
		for _, v := range f.list {
			if s, ok := v.oldest(); ok && (victim == nil || s < oldest) {
				victim, oldest = v, s
			}
		}
		if victim == nil {
			return // only tails are left, a small chunk for each view
		}
		f.memory -= victim.evict()
	}
}

// overflow is called when private messages fill their memory.
func (f *Feed) overflow() {
	f.full.Store(true)
	notify(f.wake)
}

// relieve makes room where private messages have filled their memory.
func (f *Feed) relieve() {
	if f.full.Load() && f.full.Swap(false) {
		f.closeFullest()
	}
}

// closeFullest ends streams, the one with the most unread private messages first, until the others
// fit: who does not read his answers loses them, and nobody else his.
func (f *Feed) closeFullest() {
	excess := f.replies.Load() - f.config.Load().ReplyMemory
	f.streamsMu.Lock()
	streams := slices.Collect(maps.Keys(f.streams))
	f.streamsMu.Unlock()
	waiting := map[*Stream]int{}
	for _, s := range streams {
		waiting[s] = s.Waiting()
	}
	slices.SortFunc(streams, func(a, b *Stream) int { return waiting[b] - waiting[a] })
	for _, s := range streams {
		if excess <= 0 {
			return
		}
		s.Close(ErrReplyMemory)
		excess -= int64(waiting[s])
	}
}

// Memory is the bytes that events hold at the moment, and private messages.
func (f *Feed) Memory() (events, replies int64) {
	f.mu.Lock()
	events = f.memory
	f.mu.Unlock()
	f.logMu.Lock()
	events += f.pendingBytes
	f.logMu.Unlock()
	return events, f.replies.Load()
}

package feed

import (
	"errors"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/astproxy/astproxy/internal/socket"
)

// Policy says what becomes of a client that is so far behind that what it should get next is gone.
type Policy int32

// The policies.
const (
	Disconnect Policy = iota // it is closed, with ErrTooSlow
	Skip                     // it is told how many events it missed, and goes on
)

// Why a stream ended, for Stream.Err.
var (
	ErrTooSlow      = errors.New("the client read too slowly and lost events")
	ErrWriteTimeout = errors.New("the client accepted nothing for the write timeout")
	ErrReplyMemory  = errors.New("the client's unread answers filled the memory for them")
	ErrStopped      = errors.New("astproxy is stopping")
)

// noLimit is the limit of a cursor that no private message waits for.
const noLimit = math.MaxUint64

// Stream is what one client is sent: the events of its view, and between them, each at its place,
// the messages that are its own.
//
// Who writes it at the moment owns it, by take and give: its sweeper, whoever calls Flush, or while
// its socket is full a goroutine of its own. Everybody else only adds to the queue.
type Stream struct {
	// set at construction
	feed    *Feed
	sweeper *sweeper
	conn    net.Conn
	socket  *socket.Writer // nil: the connection cannot be written without waiting

	// guarded by mu
	mu      sync.Mutex
	items   []*item
	waiting int   // bytes in items
	changes int   // of selection in items
	err     error // why the stream ended or is to end
	over    bool  // nothing is taken any more
	room    chan struct{}
	latest  *view // of the last SetSelection

	// for anybody
	queued    atomic.Bool // in the sweeper's ready list
	owned     atomic.Bool // somebody writes it
	missed    atomic.Bool // somebody wanted to write it meanwhile
	closing   atomic.Bool
	delivered atomic.Uint64 // bytes written
	viewing   atomic.Pointer[view]
	passed    atomic.Uint64 // events of viewing that were wholly written when it was last written
	policy    atomic.Int32

	// owned by who writes
	cursor  cursor
	current *item // taken from items, being written

	// owned by the sweeper
	index   int  // in its list
	blocked bool // in its list of those whose private message waits for the matcher

	ended chan struct{} // closed when the connection is closed and nothing writes any more
}

// item is a stretch of private messages that belong after the same event.
type item struct {
	after   uint64
	bytes   []byte
	written int
	alone   bool         // not to be joined with what follows
	view    *cursor      // once written, events go on from here
	last    bool         // once written, the connection closes
	closed  *atomic.Bool // while true nothing goes on: a Hold
}

// Open makes the stream of a connection, which from now on is written and closed by the Feed
// alone; reading stays the caller's. It gets no events before SetSelection.
func (f *Feed) Open(conn net.Conn, policy Policy) *Stream {
	s := &Stream{
		feed:    f,
		sweeper: f.sweepers[f.opened.Add(1)%uint64(len(f.sweepers))],
		conn:    conn,
		socket:  socket.NewWriter(conn),
		ended:   make(chan struct{}),
	}
	s.SetPolicy(policy)
	f.streamsMu.Lock()
	f.streams[s] = struct{}{}
	f.streamsMu.Unlock()
	if !s.sweeper.add(s) {
		s.end(ErrStopped)
		s.release()
	}
	return s
}

// SetPolicy says what becomes of the client when it falls behind from now on.
func (s *Stream) SetPolicy(p Policy) { s.policy.Store(int32(p)) }

// Queue adds a private message that belongs behind all events so far. encode appends it, whole. It
// goes out when the stream is written next: the caller sees to that by Flush or Wake.
func (s *Stream) Queue(encode func(dst []byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuses() {
		return
	}
	it := s.tailItem(s.feed.Sequence())
	before := len(it.bytes)
	it.bytes = encode(it.bytes)
	s.addWaiting(len(it.bytes) - before)
}

// Send queues a private message that belongs behind all events so far, and has it written soon.
// Messages go out in the order of their Send and Queue calls. It never blocks.
func (s *Stream) Send(encode func(dst []byte) []byte) {
	s.Queue(encode)
	s.Wake()
}

// SendAlone queues a message that goes out in a write of its own, for clients that take what one
// read gives them for one message.
func (s *Stream) SendAlone(message []byte) {
	s.enqueue(&item{after: s.feed.Sequence(), bytes: message, alone: true})
}

// SetSelection changes which events the stream carries, at one place in it: the events of the
// old selection, then what reply appends, then those of the new. A nil selection has no events. No
// message is queued while reply runs: what it changes is so for all that come later, and for none before.
func (s *Stream) SetSelection(selection *Selection, reply func(dst []byte) []byte) {
	s.Prepare(selection).Make(reply)
}

// Change is a SetSelection of which everything is done that may have to wait for the matcher: for those who hold
// a lock that an Asterisk session's reader needs. One of Make and Drop must be called, once.
type Change struct {
	stream *Stream
	next   cursor
}

// Prepare begins a SetSelection.
func (s *Stream) Prepare(selection *Selection) *Change {
	return &Change{stream: s, next: s.feed.attach(selection)}
}

// Make completes it, with the place of now.
func (c *Change) Make(reply func(dst []byte) []byte) {
	s := c.stream
	s.mu.Lock()
	if s.refuses() {
		s.mu.Unlock()
		c.Drop()
		return
	}
	s.latest = c.next.view
	// The sequence under mu, so that no message that belongs after a later event gets in front.
	it := &item{after: s.feed.Sequence(), bytes: reply(nil), alone: true, view: &c.next}
	s.items = append(s.items, it)
	s.changes++
	s.addWaiting(len(it.bytes))
	s.mu.Unlock()
	s.Wake()
}

// Drop leaves it.
func (c *Change) Drop() { c.stream.feed.detach(c.next) }

// Finish queues message as the last one; once it is written the connection closes. Events that
// come later are not sent.
func (s *Stream) Finish(message []byte) {
	s.enqueue(&item{after: s.feed.Sequence(), bytes: message, alone: true, last: true})
}

// Close ends the stream at once, with a reason.
func (s *Stream) Close(reason error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = reason
	}
	s.mu.Unlock()
	s.closing.Store(true)
	s.conn.Close()
	s.Wake()
}

// Done is closed when the connection is closed and nothing writes to it any more.
func (s *Stream) Done() <-chan struct{} { return s.ended }

// Err says why the stream ended: nil after Finish.
func (s *Stream) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Delivered is the bytes written so far.
func (s *Stream) Delivered() uint64 { return s.delivered.Load() }

// Lag is about how many events of its view the client has not been sent.
func (s *Stream) Lag() uint64 {
	v := s.viewing.Load()
	if v == nil {
		return 0
	}
	// Two looks at two numbers that move: it may be off by what came in between.
	return v.events.Load() - min(s.passed.Load(), v.events.Load())
}

// caughtUp tells that the stream was sent all events of its view. It is for who walks along many streams of which few have
// something: to take each of them for a look would cost several times as much. Private messages do not count: they make it ready.
func (s *Stream) caughtUp() bool {
	v := s.viewing.Load()
	return v != nil && v.events.Load() == s.passed.Load()
}

// Waiting is how many bytes of private messages are not written.
func (s *Stream) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting
}

// maxChanges is how many changes of selection may wait: each may hold a view of its own, which has
// every event matched and kept.
const maxChanges = 8

// Room returns nil when fewer than limit bytes of private messages wait, and few changes of selection,
// else a channel that is closed when there may be fewer: whoever makes messages for the client stops
// until then.
func (s *Stream) Room(limit int) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting < limit && s.changes < maxChanges || s.refuses() {
		return nil
	}
	if s.room == nil {
		s.room = make(chan struct{})
	}
	return s.room
}

// refuses tells whether it is too late for more. With mu held.
func (s *Stream) refuses() bool { return s.err != nil || s.over }

func (s *Stream) enqueue(it *item) {
	s.mu.Lock()
	if s.refuses() {
		s.mu.Unlock()
		return
	}
	s.items = append(s.items, it)
	s.addWaiting(len(it.bytes))
	s.mu.Unlock()
	s.Wake()
}

// tailItem is the item to append a message to. With mu held.
func (s *Stream) tailItem(after uint64) *item {
	if n := len(s.items); n > 0 {
		if it := s.items[n-1]; it.after == after && !it.alone {
			return it
		}
	}
	it := &item{after: after}
	s.items = append(s.items, it)
	return it
}

// addWaiting counts private bytes, here and over all. With mu held.
func (s *Stream) addWaiting(n int) {
	s.waiting += n
	total := s.feed.replies.Add(int64(n))
	if n > 0 && total > s.feed.config.Load().ReplyMemory {
		s.feed.overflow()
	}
	if n < 0 {
		s.makeRoom()
	}
}

// makeRoom has those look again who wait for Room. With mu held.
func (s *Stream) makeRoom() {
	if s.room != nil {
		close(s.room)
		s.room = nil
	}
}

// Wake has the stream written soon, not only with the next events. Any goroutine.
func (s *Stream) Wake() {
	if s.queued.CompareAndSwap(false, true) {
		s.sweeper.push(s)
	}
}

// release lets go of everything the stream held. The sweeper calls it once, when nothing writes the
// stream any more.
func (s *Stream) release() {
	s.conn.Close()
	s.feed.streamsMu.Lock()
	delete(s.feed.streams, s)
	s.feed.streamsMu.Unlock()
	s.mu.Lock()
	items := s.items
	s.over = true
	s.addWaiting(-s.waiting)
	s.items = nil
	s.mu.Unlock()
	if s.current != nil {
		items = append(items, s.current)
	}
	for _, it := range items {
		if it.view != nil {
			s.feed.detach(*it.view)
		}
	}
	s.feed.detach(s.cursor)
	s.viewing.Store(nil)
	close(s.ended)
}

func now() time.Time { return time.Now() }

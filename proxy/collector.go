package proxy

import (
	"errors"
	"sync"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/formats"
	"github.com/astproxy/astproxy/proxy/feed"
)

// collector is the output of one Ask.
type collector struct {
	// set at construction
	feed  *feed.Feed
	ended <-chan struct{}
	full  chan struct{} // closed when there was no room for the answer

	mu       sync.Mutex
	items    []formats.Item
	why      Reason
	held     int64 // bytes of items, counted by feed
	released bool  // nothing is taken any more
}

func newCollector(f *feed.Feed, ended <-chan struct{}) *collector {
	return &collector{feed: f, ended: ended, full: make(chan struct{})}
}

// queue implements output.
func (c *collector) queue(m ami.Message, o formats.Options, reason Reason) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.released {
		return
	}
	if size := memory(m); c.feed.HoldReply(size) {
		c.held += size
	} else {
		c.releaseLocked()
		c.why = AnswerLost
		close(c.full)
		return
	}
	c.items = append(c.items, formats.Item{Message: m, Options: o})
	if reason != "" {
		c.why = reason
	}
}

// memory is about what a message takes: its text, and where its lines are.
func memory(m ami.Message) int64 { return int64(len(m.Raw()) + 16*m.Len() + 128) }

// release gives back what the answer has of the memory for answers.
func (c *collector) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.releaseLocked()
}

func (c *collector) releaseLocked() {
	c.feed.ReleaseReply(c.held)
	c.items, c.held, c.released = nil, 0, true
}

// flush and wake implement output: there is nothing to write.
func (c *collector) flush() {}

func (c *collector) wake() {}

// gone implements output.
func (c *collector) gone() <-chan struct{} { return c.ended }

// answer is what has come, or what stands in its place.
func (c *collector) answer(actionID string) Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	items := c.items
	if c.why == AnswerLost {
		items = []formats.Item{{Message: ami.NewError(actionID, noMemoryForAnswer)}}
	}
	return Answer{Items: items, Reason: c.why}
}

const noMemoryForAnswer = "There is no memory for the answer: the action was sent"

// errAnswerLost is why an answer that was to be copied is not.
var errAnswerLost = errors.New("there is no memory for the answer")

package feed

import (
	"testing"
	"time"
)

// A client that looks for the next chunk while the matcher cuts it off must not end up in a chunk that
// the view has let go: it would keep every chunk after it alive, counted by nobody.
func TestACursorDoesNotFollowIntoAChunkThatWasLetGo(t *testing.T) {
	v := newView(Selection{}, time.Now())
	c := cursor{view: v, chunk: v.tail}
	v.tail.cursors.Add(1)
	for sequence := range uint64(4) { // a chunk each
		v.add(sequence+1, make([]byte, largeChunk), time.Now())
	}
	c.offset = c.chunk.published()
	following := c.chunk.next.Load() // here the client is interrupted
	v.evict()
	v.release()
	c.enter(following)
	if c.chunk == following {
		t.Error("it is in a chunk that its view has let go")
	}
	if n := following.cursors.Load(); n != 0 {
		t.Errorf("%d cursors are counted in a chunk without any", n)
	}
	if _, lost := c.next(noLimit); !lost {
		t.Error("it does not know that what follows is gone")
	}
}

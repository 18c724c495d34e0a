package feed

import (
	"strconv"
	"strings"
	"testing"

	"github.com/astproxy/astproxy/ami"
)

// Every view has a copy of its own of an event, and the views of many clients that each want something else could have
// many of those before anybody looks how many.
func TestManyLargeEventsAtOnceForManyViewsTakeNoMoreThanTheirMemory(t *testing.T) {
	const memory, views, large = 8 << 20, 10, 256 << 10
	f := New(Config{Memory: memory})
	most := int64(0)
	for i := range views {
		c := f.attach(&Selection{Key: strconv.Itoa(i), Format: plain{}, Match: func(*Event) bool {
			most = max(most, f.memory)
			return true
		}})
		defer f.detach(c)
	}
	event := ami.NewEvent("Large").Add("Text", strings.Repeat("x", large)).Message()
	for range memory / (large + 1000) {
		f.Append("pbx", ami.ClassCall, event)
	}
	f.matchPending()
	if allowed := int64(memory + memory/8 + (views+1)*(large+1000)); most > allowed {
		t.Errorf("they take %d bytes, %d are allowed", most, allowed)
	}
}

// plain is AMI's own text.
type plain struct{ silent }

func (plain) Append(dst []byte, e *Event) []byte { return append(dst, e.Message.Raw()...) }

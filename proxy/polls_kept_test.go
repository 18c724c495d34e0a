package proxy

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/upstream"
)

// Somebody who asks for the same in many ways, each with a header that means nothing, does not have all memory for
// answers kept for him.
//
//astproxy:attack
func TestAnswersThatAreKeptLeaveTheMemoryToOthers(t *testing.T) {
	s := &server{
		proxy:   &Proxy{feed: feed.New(feed.Config{})},
		session: upstream.New(upstream.Config{}, nil, slog.New(slog.DiscardHandler)),
	}
	s.polls.server, s.polls.asked = s, map[string]*poll{}
	for i := range 100 {
		s.proxy.feed.HoldReply(maxKept)
		q := &poll{
			polls: &s.polls, key: fmt.Sprint(i), keep: time.Hour, held: maxKept,
			first: &reply{asker: &asker{}}, requester: s.session.NewRequester(),
		}
		s.polls.asked[q.key] = q
		q.end(true)
	}
	if kept := s.polls.keptLocked(); kept != maxKeptTogether {
		t.Errorf("%d bytes are kept", kept)
	}
}

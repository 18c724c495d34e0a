package channels

import (
	"strings"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/proxy/feed"
)

// Channel is what is known of a channel.
type Channel struct {
	Name        string
	Uniqueid    string
	Linkedid    string // the Uniqueid of the first channel of its call; "" from Asterisk up to 1.6
	Context     string // where it is in the dialplan, or was when it last told
	AccountCode string
	Bridge      string    // the BridgeUniqueid of the bridge it is in; "" if it is in none
	Dials       []string  // the Uniqueids of the channels it is being dialled with: its caller's, or those it calls
	Tags        feed.Tags // whose it is
	// Newchannel is the event that told of it first, or one made of the list it was found in; Newstate is its
	// latest event of that name, or the zero Message.
	Newchannel, Newstate ami.Message
}

// channel is a Channel with what belongs to it. Tracker.mu guards it.
type channel struct {
	Channel
	own    feed.Tags // those of its Tags that it hands on to who is in a call with it
	bridge *bridge   // nil: none
	dials  []*channel
	born   uint64 // counts the channels, to have them in order
	walked uint64 // the walk that found it last
	gained uint64 // the event by which its Tags last grew
}

// bridge is the channels that hear each other.
type bridge struct {
	id      string
	members []*channel
	tags    feed.Tags // of all that ever were in it
}

// set changes a text of the Channel that is cut from an event, and tells whether it has changed.
func set(field *string, value string) bool {
	if *field == value {
		return false
	}
	*field = strings.Clone(value) // the event is not kept
	return true
}

// maxName is how long a channel's name is in Asterisk (channel.h, AST_CHANNEL_NAME), and more.
const maxName = 128

// lowered writes a name as it is compared: Asterisk finds channels without case (channel.c,
// ast_channel_get_by_name).
func lowered(buffer *[maxName]byte, name string) []byte {
	b := buffer[:0]
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// otherHalf is what the other half of a Local channel is called: each has one that ends in ;1 and one in ;2
// (core_local.c, ast_unreal_new_channels; chan_local.c before).
func otherHalf(name string) (other string, local bool) {
	if base, ok := strings.CutSuffix(name, ";1"); ok {
		return base + ";2", true
	}
	if base, ok := strings.CutSuffix(name, ";2"); ok {
		return base + ";1", true
	}
	return "", false
}

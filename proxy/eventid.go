package proxy

import (
	"errors"
	"strconv"
	"strings"
)

// EventID is an event's place in the log as clients see it, EPOCH-SEQUENCE: the epoch tells that it
// is this run's log. The zero EventID is none.
type EventID struct {
	epoch    string
	sequence uint64
}

// ErrEventID is what ParseEventID says of a text that never was one.
var ErrEventID = errors.New("an event's id is EPOCH-NUMBER, as header ProxySequence or a server-sent event's id gives it")

// ParseEventID reads an id that a client gives back. "" is the zero EventID.
func ParseEventID(text string) (EventID, error) {
	if text == "" {
		return EventID{}, nil
	}
	epoch, number, _ := strings.Cut(text, "-")
	sequence, err := strconv.ParseUint(number, 10, 64)
	if epoch == "" || len(epoch) > 16 || err != nil {
		return EventID{}, ErrEventID
	}
	return EventID{epoch, sequence}, nil
}

// String is what ParseEventID reads.
func (id EventID) String() string {
	if id == (EventID{}) {
		return ""
	}
	return id.epoch + "-" + strconv.FormatUint(id.sequence, 10)
}

package legs

// Destination is who is called by a leg.
type Destination struct {
	Number  string // as it was given: a number or a channel
	Channel string // what Originate calls
	Name    string // for people; may be empty
}

// Leg is one of a call's.
type Leg struct {
	Destination
	Index   int // from 0
	State   State
	Reason  string // why it is in that state, where that says more
	Cause   int    // of its Hangup (Q.850); 0: none was told
	Attempt int    // how many times it was dialled
	// Uniqueid is that of its channel, which it has from the moment it is dialled on; Name the channel's name, as
	// far as known.
	Uniqueid    string
	ChannelName string

	settled bool // it counts as done for the end of the gathering
	attempt
}

// attempt is what is known of a leg's one try.
type attempt struct {
	token      string // the ActionID of its Originate
	generation int    // timers of an earlier attempt or state have another

	seen, gone         bool // its channel exists, or has
	answered, joined   bool
	responded          bool // its OriginateResponse was there,
	reason             int  // with this Reason,
	dialStatus         string
	cause              int
	cancelled, overdue bool   // it is to be hung up
	why                string // it was
	far                string // whom its Local channel has called, once that has answered
	farGone, optimised bool   // and whether that has hung up; whether the Local channel may go, and that take its place

	doubt  bool // whether it exists is to be asked
	missed int  // how often CoreShowChannels had it not
}

// Open tells whether it is under way: dialled, and not ended.
func (l *Leg) Open() bool { return l.Attempt > 0 && l.State != Queued && !l.State.Ended() }

// Calling tells whether it takes its share of what a server is asked to call at once: dialled, and not answered yet.
func (l *Leg) Calling() bool { return l.Open() && !l.answered }

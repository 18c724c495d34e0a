package legs

// State is how it stands with a leg.
type State int

// The states of a leg, in the words of the event GroupLeg.
const (
	Queued     State = iota // waits for its turn, or to be tried again
	Dialing                 // Asterisk was asked to call it
	Ringing                 // its phone rings
	Answered                // it was answered
	Joined                  // it is in the conference
	Busy                    // ended: the phone is busy
	NoAnswer                // ended: nobody has answered in time
	Congestion              // ended: the way there is full
	Failed                  // ended: it could not be called, or Reason tells
	Cancelled               // ended: by GroupCancel, or because another one has answered first
	Left                    // ended: it was answered, and has hung up or left the conference
	Unknown                 // the server is lost, and with it what it knew of the leg
)

var stateNames = [...]string{
	"queued", "dialing", "ringing", "answered", "joined", "busy", "noanswer", "congestion", "failed", "cancelled", "left", "unknown",
}

// String is the state as GroupLeg tells it.
func (s State) String() string { return stateNames[s] }

// Ended tells whether nothing comes after it.
func (s State) Ended() bool { return s >= Busy && s <= Left }

// States are all there are.
func States() []State {
	all := make([]State, len(stateNames))
	for i := range all {
		all[i] = State(i)
	}
	return all
}

// Retryable are the states for which a leg may be tried again, by name.
var Retryable = map[string]State{"busy": Busy, "noanswer": NoAnswer, "congestion": Congestion}

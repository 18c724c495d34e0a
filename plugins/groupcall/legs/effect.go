package legs

import "time"

// Deed is what an Effect wants done.
type Deed int

// What is to be done.
const (
	Dial    Deed = iota // send the Originate of Leg with ChannelId Uniqueid and ActionID Token, and tell Replied
	Hangup              // send a Hangup of Uniqueid, and tell HungUp when it is answered
	Tell                // tell everybody of Leg
	Wake                // call Woken with Timer after After
	Ask                 // ask for CoreShowChannels, and tell Found
	Adopt               // events that concern ID are to be told to this call, from now on
	Settled             // the gathering is at its end: every leg is joined, answered where there is no conference, or ended
	Over                // every leg has ended
)

// Effect is something to be done because of what has happened, in the order of the list it stands in.
type Effect struct {
	Deed     Deed
	Leg      Leg // as it was then
	Uniqueid string
	Token    string
	ID       string
	After    time.Duration
	Timer    Timer
}

// Timer says what a Wake is for.
type Timer struct {
	leg, generation int
	what            alarm
}

type alarm int

const (
	timeToRetry    alarm = iota // to dial again
	timeIsOver                  // Asterisk should have told the end
	timeToConclude              // one of two events that tell the end has not come
	timeToCheck                 // a Hangup was sent
	timeToAsk                   // CoreShowChannels had it not, or has not answered
	timeToJoin                  // it was answered, and should be in the conference
	timeDown                    // the server is lost for long
)

package legs

import "time"

// Totals count a call's legs by their states.
type Totals map[State]int

// Totals are those of now.
func (c *Call) Totals() Totals {
	t := Totals{}
	for _, l := range c.legs {
		t[l.State]++
	}
	return t
}

// Winner is the leg that has answered first, where the Plan has First; nil: none.
func (c *Call) Winner() *Leg {
	if c.winner < 0 {
		return nil
	}
	l := *c.legs[c.winner]
	return &l
}

// Legs are copies of all legs, in their order.
func (c *Call) Legs() []Leg {
	all := make([]Leg, len(c.legs))
	for i, l := range c.legs {
		all[i] = *l
	}
	return all
}

// Elapsed is how long ago the call began.
func (c *Call) Elapsed(now time.Time) time.Duration { return now.Sub(c.began) }

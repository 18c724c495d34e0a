package sim

import (
	"container/heap"
	"sync"
	"time"
)

// timers are what will happen, in order: what was asked for first happens first, also when it is due at the
// same moment as something else. Runtime timers alone do not promise that.
type timers struct {
	queue   timerQueue
	made    int
	clock   *time.Timer // for the first of queue; nil when none was needed yet
	running sync.WaitGroup
}

// timer is something that will happen, unless it is cancelled before.
type timer struct {
	due       time.Time
	number    int
	index     int // in the queue, -1 when it is in none
	cancelled bool
	run       func()
}

// timerQueue is a heap.
type timerQueue []*timer

func (q timerQueue) Len() int { return len(q) }

func (q timerQueue) Less(i, j int) bool {
	if q[i].due.Equal(q[j].due) {
		return q[i].number < q[j].number
	}
	return q[i].due.Before(q[j].due)
}

func (q timerQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *timerQueue) Push(x any) {
	t := x.(*timer)
	t.index = len(*q)
	*q = append(*q, t)
}

func (q *timerQueue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	t.index = -1
	return t
}

// after makes f run in d, or as the next step when d is 0. The caller holds mu.
func (p *pbx) after(d time.Duration, f func()) *timer {
	t := &timer{index: -1, run: f}
	switch {
	case !p.running:
	case d <= 0:
		p.ready = append(p.ready, t)
	default:
		t.due = time.Now().Add(d)
		p.timers.made++
		t.number = p.timers.made
		heap.Push(&p.timers.queue, t)
		if t.index == 0 {
			p.setClock()
		}
	}
	return t
}

// next makes f the next step.
func (p *pbx) next(f func()) { p.after(0, f) }

// cancel keeps t from happening. The caller holds mu. A nil timer is none.
func (p *pbx) cancel(t *timer) {
	if t == nil {
		return
	}
	t.cancelled = true
	if t.index >= 0 {
		heap.Remove(&p.timers.queue, t.index)
	}
}

// setClock wakes the pbx when the first timer is due.
func (p *pbx) setClock() {
	if c := p.timers.clock; c != nil && c.Stop() {
		p.timers.running.Done()
	}
	p.timers.clock = nil
	if len(p.timers.queue) == 0 {
		return
	}
	p.timers.running.Add(1)
	p.timers.clock = time.AfterFunc(time.Until(p.timers.queue[0].due), func() {
		defer p.timers.running.Done()
		p.do(p.runDue)
	})
}

// runDue runs the timers whose time has come. A clock that was set anew while it was being read comes here too,
// and finds nothing.
func (p *pbx) runDue() {
	now := time.Now()
	for p.running && len(p.timers.queue) > 0 && !p.timers.queue[0].due.After(now) {
		t := heap.Pop(&p.timers.queue).(*timer)
		t.run()
		p.runReady()
	}
	p.setClock()
}

// runReady runs what is to happen next, and what follows from that.
func (p *pbx) runReady() {
	for len(p.ready) > 0 {
		t := p.ready[0]
		p.ready = p.ready[1:]
		if !t.cancelled {
			t.run()
		}
	}
}

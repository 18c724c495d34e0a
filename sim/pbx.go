package sim

import (
	"strconv"
	"sync"
	"time"

	"github.com/astproxy/astproxy/ami"
)

// pbx is what is behind the manager interface: channels and all that they make use of.
//
// It has no goroutine of its own. Everything happens under mu, in steps; what is to happen next is put
// into ready, what is to happen later is a timer. So the order of events does not depend on luck.
type pbx struct {
	// Set at construction.
	config Config
	emit   func(event) // takes no lock that is held around calls to the pbx, and does not wait

	timersRunning sync.WaitGroup

	mu       sync.Mutex
	running  bool
	ready    []func()
	timers   map[*timer]struct{}
	channels []*channel // the oldest first
	calls    callNumbers
	globals  variables
	database database
	bridges  []*bridge
	rooms    []*conference
	queues   []*queue
	devices  devices
}

// callNumbers count what Asterisk numbers.
type callNumbers struct {
	unique    int // channels, for their Uniqueid
	unreal    int // Local and CBAnn channels, for their names
	pjsip     int // PJSIP channels
	callID    int // threads in the dialplan
	processed int // as in "8 calls processed"
}

// timer is something that will happen, unless it is cancelled before.
type timer struct {
	timer     *time.Timer
	cancelled bool
}

func newPBX(c Config, emit func(event)) *pbx {
	p := &pbx{config: c, emit: emit, database: make(database)}
	p.reset()
	return p
}

// reset forgets all but the database, as a restart does.
func (p *pbx) reset() {
	p.ready, p.channels, p.bridges, p.rooms, p.globals = nil, nil, nil, nil, nil
	p.timers = make(map[*timer]struct{})
	p.calls = callNumbers{}
	p.queues = newQueues(p.config.Queues)
	p.devices = newDevices(p.config)
}

// start begins a new life, and traffic if there is to be some.
func (p *pbx) start() {
	p.do(func() {
		p.reset()
		p.running = true
		p.startTraffic()
	})
}

// stop cancels whatever was to happen, and returns when nothing runs any more.
func (p *pbx) stop() {
	p.mu.Lock()
	p.running = false
	for t := range p.timers {
		p.cancel(t)
	}
	p.reset()
	p.mu.Unlock()
	p.timersRunning.Wait()
}

// do runs f and what follows from it at once.
func (p *pbx) do(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	for len(p.ready) > 0 {
		next := p.ready[0]
		p.ready = p.ready[1:]
		next()
	}
}

// after makes f run in d, or as the next step when d is 0. The caller holds mu.
func (p *pbx) after(d time.Duration, f func()) *timer {
	t := &timer{}
	run := func() {
		if !t.cancelled {
			f()
		}
	}
	switch {
	case !p.running:
	case d <= 0:
		p.ready = append(p.ready, run)
	default:
		p.timersRunning.Add(1)
		p.timers[t] = struct{}{}
		t.timer = time.AfterFunc(d, func() {
			defer p.timersRunning.Done()
			p.do(func() {
				delete(p.timers, t)
				run()
			})
		})
	}
	return t
}

// cancel keeps t from happening. The caller holds mu. A nil timer is none.
func (p *pbx) cancel(t *timer) {
	if t == nil || t.cancelled {
		return
	}
	t.cancelled = true
	delete(p.timers, t)
	if t.timer != nil && t.timer.Stop() {
		p.timersRunning.Done()
	}
}

// next makes f the next step.
func (p *pbx) next(f func()) { p.after(0, f) }

// begin begins an event.
func begin(name, class string) *ami.Builder {
	return ami.NewEvent(name).Add("Privilege", class+",all")
}

func (p *pbx) send(b *ami.Builder) { p.emit(event{message: b.Message()}) }

// tell sends an event about a channel, or about none, with more headers as names and values.
func (p *pbx) tell(name, class string, c *channel, more ...string) {
	b := begin(name, class)
	if c != nil {
		c.describe(b, "")
	}
	p.send(addAll(b, more))
}

func addAll(b *ami.Builder, headers []string) *ami.Builder {
	for i := 0; i+1 < len(headers); i += 2 {
		b.Add(headers[i], headers[i+1])
	}
	return b
}

// uniqueid makes a channel's Uniqueid.
func (p *pbx) uniqueid() string {
	p.calls.unique++
	return strconv.FormatInt(time.Now().Unix(), 10) + "." + strconv.Itoa(p.calls.unique-1)
}

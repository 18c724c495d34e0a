package sim

import (
	"slices"
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

	mu       sync.Mutex
	running  bool
	ready    []*timer
	timers   timers
	channels []*channel // the oldest first
	calls    callNumbers
	globals  variables
	database database
	bridges  []*bridge
	rooms    []*conference
	queues   []*queue
	devices  devices
	phones   []Phone

	extensions []*addedExtension // what DialplanExtensionAdd has made
}

// callNumbers count what Asterisk numbers.
type callNumbers struct {
	unique    int // channels, for their Uniqueid
	unreal    int // Local and CBAnn channels, for their names
	pjsip     int // PJSIP channels
	callID    int // threads in the dialplan
	processed int // as in "8 calls processed"
}

func newPBX(c Config, emit func(event)) *pbx {
	p := &pbx{config: c, emit: emit, database: make(database)}
	p.reset()
	return p
}

// reset forgets all but the database, as a restart does.
func (p *pbx) reset() {
	p.ready, p.channels, p.bridges, p.rooms, p.globals, p.extensions = nil, nil, nil, nil, nil, nil
	p.calls = callNumbers{}
	p.queues = newQueues(p.config.Queues)
	p.devices = newDevices(p.config)
	p.phones = slices.Clone(p.config.Phones)
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
	p.timers.queue = nil
	p.setClock()
	p.reset()
	p.mu.Unlock()
	p.timers.running.Wait()
}

// do runs f and what follows from it at once.
func (p *pbx) do(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	p.runReady()
}

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

package monitor

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
)

// maxViews is how many views have series of their own. There are as many views as clients like; the
// rest of them share one.
const maxViews = 10

const restOfViews = "rest"

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("astproxy_"+name, help, labels, nil)
}

// What there is, in the order of the feed's way: servers, events, views, clients.
var (
	serverConnected   = describe("server_connected", "Whether the server is connected.", "server")
	serverChanged     = describe("server_changed_timestamp_seconds", "When the server was connected or lost.", "server")
	serverConnections = describe("server_connections_total", "How often the server came up: all but the first are reconnects.", "server")
	serverOutstanding = describe("server_outstanding_actions", "Actions the server has not answered.", "server")

	events        = describe("events_total", "Events received from all servers.")
	eventsPending = describe("events_pending", "Events received that are not in every view yet.")
	eventsDropped = describe("events_dropped_total", "Events that found no room and were announced as missing to everybody.")
	eventMemory   = describe("event_memory_bytes", "Memory of events that are kept for clients.")
	replyMemory   = describe("reply_memory_bytes", "Memory of answers that clients have not read.")

	views       = describe("views", "Selections of events that somebody reads.")
	viewReaders = describe("view_readers", "Who reads a view. Views are numbered by it, the most read first; the rest share a series.", "view")
	viewEvents  = describe("view_events", "Events a view has had since somebody first read it.", "view")
	viewMemory  = describe("view_memory_bytes", "Memory of a view's events.", "view")

	doorConnections = describe("door_connections", "Connections that came in by a listener.", "door")
	doorAccepted    = describe("door_accepted_total", "Connections that ever came in by a listener.", "door")
	doorRefused     = describe("door_refused_total", "Connections that a listener has refused: too many, or no TLS where it must be.", "door")

	streams      = describe("streams", "Connections that are written to.")
	clients      = describe("clients", "Connections by user; without one before login.", "user")
	lag          = describe("lag_events", "Events that the client furthest behind was not sent yet.")
	tooSlow      = describe("slow_clients_total", "Clients that were disconnected, or missed events, because they read too slowly.")
	delivered    = describe("delivered_bytes_total", "Bytes written to connections that stay.")
	failedLogins = describe("failed_logins_total", "Logins with a wrong name, secret, token or ticket.")
)

var descriptions = []*prometheus.Desc{
	serverConnected, serverChanged, serverConnections, serverOutstanding,
	events, eventsPending, eventsDropped, eventMemory, replyMemory,
	views, viewReaders, viewEvents, viewMemory,
	doorConnections, doorAccepted, doorRefused,
	streams, clients, lag, tooSlow, delivered, failedLogins,
}

// collector reads a proxy's metrics when they are asked for. Any goroutine.
type collector struct{ proxy *proxy.Proxy }

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range descriptions {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	s := samples{to}
	s.servers(c.proxy.Servers())
	s.feed(c.proxy.Feed().Stats())
	s.doors(c.proxy.Doors())
	s.clients(c.proxy.Clients())
	s.counter(failedLogins, c.proxy.FailedLogins())
}

// samples sends what was read.
type samples struct{ to chan<- prometheus.Metric }

func (s samples) gauge(d *prometheus.Desc, value float64, labels ...string) {
	s.to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func (s samples) counter(d *prometheus.Desc, value uint64, labels ...string) {
	s.to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
}

func (s samples) servers(all []proxy.ServerState) {
	for _, server := range all {
		up := 0.0
		if server.Up {
			up = 1
		}
		s.gauge(serverConnected, up, server.Name)
		s.gauge(serverChanged, float64(server.Since.UnixMilli())/1000, server.Name)
		s.counter(serverConnections, server.Connections, server.Name)
		s.gauge(serverOutstanding, float64(server.Outstanding), server.Name)
	}
}

func (s samples) feed(f feed.Stats) {
	s.counter(events, f.Appended)
	s.gauge(eventsPending, float64(f.Appended-min(f.Matched, f.Appended)))
	s.counter(eventsDropped, f.Dropped)
	s.gauge(eventMemory, float64(f.EventBytes))
	s.gauge(replyMemory, float64(f.ReplyBytes))
	s.gauge(streams, float64(f.Streams))
	s.gauge(lag, float64(f.Lag))
	s.counter(tooSlow, f.TooSlow)
	s.counter(delivered, f.Delivered)
	s.views(f.Views)
}

// views are numbered by how many read them, so that there are never more series than that.
func (s samples) views(all []feed.ViewStats) {
	s.gauge(views, float64(len(all)))
	slices.SortFunc(all, func(a, b feed.ViewStats) int {
		return cmp.Or(cmp.Compare(b.Cursors, a.Cursors), cmp.Compare(a.Key, b.Key))
	})
	var rest feed.ViewStats
	for i, v := range all {
		if i < maxViews {
			s.view(strconv.Itoa(i+1), v)
			continue
		}
		rest.Cursors += v.Cursors
		rest.Events += v.Events
		rest.Bytes += v.Bytes
	}
	if len(all) > maxViews {
		s.view(restOfViews, rest)
	}
}

func (s samples) view(number string, v feed.ViewStats) {
	s.gauge(viewReaders, float64(v.Cursors), number)
	s.gauge(viewEvents, float64(v.Events), number)
	s.gauge(viewMemory, float64(v.Bytes), number)
}

func (s samples) doors(all []proxy.DoorState) {
	for _, d := range all {
		s.gauge(doorConnections, float64(d.Connections), d.Name)
		s.counter(doorAccepted, d.Accepted, d.Name)
		s.counter(doorRefused, d.Refused, d.Name)
	}
}

func (s samples) clients(all []proxy.ClientState) {
	count := map[string]int{}
	for _, c := range all {
		count[c.User]++
	}
	for user, n := range count {
		s.gauge(clients, float64(n), user)
	}
}

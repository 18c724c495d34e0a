package load

// A Report is what one run measured. Its JSON names carry the units.
type Report struct {
	Target  string `json:"target"` // "proxy", or for a baseline "bare sockets", "bare TLS" or "nats"
	Kind    string `json:"kind"`   // of its clients: "ami", "tls", "ws" or "sse"
	Mode    string `json:"mode"`   // "burst", "paced" or "idle"
	Clients int    `json:"clients"`

	EventsOffered  uint64  `json:"events_offered"`
	EventBytes     float64 `json:"event_bytes_mean"` // as sent
	EventsExpected uint64  `json:"deliveries_expected"`
	Deliveries     uint64  `json:"deliveries"` // distinct events, summed over the clients
	Bytes          uint64  `json:"bytes"`

	Lost         uint64 `json:"lost"`             // never came, announced or not
	Unannounced  uint64 `json:"lost_unannounced"` // of these, not told by a ProxyGap
	Gaps         uint64 `json:"gaps_announced"`   // ProxyGap events
	Missed       uint64 `json:"gaps_missed"`      // the sum of their Missed headers
	Duplicates   uint64 `json:"duplicates"`
	OutOfOrder   uint64 `json:"out_of_order"`
	Disconnected int    `json:"disconnected"` // clients whose connection ended
	Unfinished   int    `json:"unfinished"`   // clients that had not got the last event at the end

	LoginSeconds float64 `json:"login_seconds"` // for all clients
	WallSeconds  float64 `json:"wall_seconds"`  // from the first event to the last delivery

	Server    *ServerReport    `json:"server,omitempty"`
	Latency   *LatencyReport   `json:"latency,omitempty"`
	FeedLate  *LatencyReport   `json:"feed_late,omitempty"` // paced: the generator's own delay
	Generator GeneratorReport  `json:"generator"`
	Slow      *StragglerReport `json:"slow,omitempty"`
	Frozen    *StragglerReport `json:"frozen,omitempty"`

	Ping      *PingReport     `json:"ping,omitempty"`
	Pipeline  *PipelineReport `json:"pipeline,omitempty"`
	Baselines []Report        `json:"baselines,omitempty"`
}

// A ServerReport is what the measured process paid.
type ServerReport struct {
	PID             int     `json:"pid"`
	CPUSeconds      float64 `json:"cpu_seconds"` // user and system, from the first event to the last delivery
	Cores           float64 `json:"cores"`       // CPU-seconds a second
	DeliveriesByCPU float64 `json:"deliveries_per_cpu_second"`
	CPUByEvent      float64 `json:"cpu_us_per_event"` // of those offered
	IdleCores       float64 `json:"idle_cores"`       // during the hold

	RSSBefore    int64   `json:"rss_before_bytes"` // the proxy logged in to Asterisk, no clients
	RSSClients   int64   `json:"rss_with_clients_bytes"`
	RSSAfter     int64   `json:"rss_after_bytes"` // all delivered, clients still there
	RSSPeak      int64   `json:"rss_peak_bytes"`  // since the events began
	RSSPerClient float64 `json:"rss_per_client_bytes"`
}

// A LatencyReport is a distribution, in nanoseconds; each figure is exact to 0.8 %.
type LatencyReport struct {
	P50  int64 `json:"p50_ns"`
	P90  int64 `json:"p90_ns"`
	P99  int64 `json:"p99_ns"`
	P999 int64 `json:"p99_9_ns"`
	Max  int64 `json:"max_ns"`
}

// A GeneratorReport is what the generator itself paid, between the same two moments as the server.
type GeneratorReport struct {
	CPUSeconds         float64 `json:"cpu_seconds"`         // playing Asterisk and all clients
	ClientCPUSeconds   float64 `json:"clients_cpu_seconds"` // the readers alone
	ClientsPerDelivery float64 `json:"clients_ns_per_delivery"`
}

// A StragglerReport is what became of the slow or the frozen clients.
type StragglerReport struct {
	Clients      int    `json:"clients"`
	Deliveries   uint64 `json:"deliveries"`
	Gaps         uint64 `json:"gaps_announced"`
	Missed       uint64 `json:"gaps_missed"`
	Disconnected int    `json:"disconnected"`
}

// A PingReport compares one action and its response through the proxy and through a relay that
// only copies bytes, in nanoseconds, measured in turns.
type PingReport struct {
	Count       int     `json:"count"` // through each
	Proxy       int64   `json:"proxy_median_ns"`
	ProxyP99    int64   `json:"proxy_p99_ns"`
	Relay       int64   `json:"relay_median_ns"`
	RelayP99    int64   `json:"relay_p99_ns"`
	ProxyToBare float64 `json:"ratio"` // of the medians; 0 without a relay
}

// A PipelineReport compares how many actions a second one connection gets answered that sends without waiting: medians of
// blocks, measured in turns.
type PipelineReport struct {
	Count         int     `json:"count"` // on each way
	Proxy         float64 `json:"proxy_per_second"`
	Direct        float64 `json:"direct_per_second"`
	Relay         float64 `json:"relay_per_second"`
	ProxyToDirect float64 `json:"ratio"`              // 0 without a played Asterisk
	ServerCPU     int64   `json:"server_cpu_ns_each"` // of the proxy, an action; 0: not known
	DirectCPU     int64   `json:"direct_cpu_ns_each"` // of both sides, which are the generator, an action directly
}

func newLatencyReport(h *histogram) *LatencyReport {
	if h.count == 0 {
		return nil
	}
	return &LatencyReport{
		P50:  h.quantile(0.5),
		P90:  h.quantile(0.9),
		P99:  h.quantile(0.99),
		P999: h.quantile(0.999),
		Max:  h.max,
	}
}

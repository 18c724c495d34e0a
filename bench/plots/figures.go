package main

// A figure is a plot of docs/plots.
type figure struct {
	name   string // of its file, without .svg
	result string // the file of bench/results it shows, without .json
	title  string
	x, y   axis
	values []value // what is drawn of each line of the result
}

// A value is a figure of a point, and what tells it from others of the same line.
type value struct {
	of     func(*point) (x float64, y []float64)
	suffix string
	dashed bool
	label  func(*point) string // stands beside each point; nil: nothing does
}

var (
	clients = axis{"clients", []float64{1, 3}}
	users   = axis{"users", []float64{1}}
	fine    = []float64{1, 2, 5}
	coarse  = []float64{1}
)

var figures = []figure{
	{
		name: "cost-by-clients", result: "clients",
		title: "What an event for everybody costs (burst)",
		x:     clients, y: axis{"µs of the server's CPU an event", coarse},
		values: []value{{of: cost}},
	},
	{
		name: "deliveries-by-clients", result: "clients",
		title: "What a second of CPU time delivers (burst)",
		x:     clients, y: axis{"million deliveries a CPU-second", fine},
		values: []value{{of: deliveries}},
	},
	{
		name: "cost-by-filters", result: "filters",
		title: "What an event costs at 5,000 events a second",
		x:     clients, y: axis{"µs of the proxy's CPU an event", fine},
		values: []value{{of: cost}},
	},
	{
		name: "matcher", result: "matcher",
		title: "Who wants an event, of users with a filter each",
		x:     users, y: axis{"µs of CPU an event", coarse},
		values: []value{{of: cost}},
	},
	{
		name: "flush-interval", result: "flush",
		title: "CPU and latency by flush_interval, at 500 events a second",
		x:     axis{label: "cores the proxy uses"}, y: axis{"latency, ms", fine},
		values: []value{
			{of: latency99, suffix: ", p99", label: func(p *point) string { return p.FlushInterval }},
			{of: latency50, suffix: ", p50", dashed: true},
		},
	},
}

func cost(p *point) (x float64, y []float64) { return float64(p.Clients), p.Microseconds }

// deliveries are millions a CPU-second.
func deliveries(p *point) (x float64, y []float64) {
	for _, microseconds := range p.Microseconds {
		y = append(y, float64(p.Clients)/microseconds)
	}
	return float64(p.Clients), y
}

func latency50(p *point) (x float64, y []float64) { return cores(p), p.P50 }

func latency99(p *point) (x float64, y []float64) { return cores(p), p.P99 }

func cores(p *point) float64 {
	_, median, _ := span(p.Cores)
	return median
}

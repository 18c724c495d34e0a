package load

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteText writes the report for people to read, a subject a line.
func (r Report) WriteText(w io.Writer) {
	t := &textWriter{w: w}
	r.write(t)
	if p := r.Ping; p != nil {
		p.write(t)
	}
	if p := r.Pipeline; p != nil {
		p.write(t)
	}
	for _, b := range r.Baselines {
		fmt.Fprintln(w)
		b.write(t)
		if r.Server != nil && b.Server != nil && b.Server.DeliveriesByCPU > 0 {
			r.compare(t, b)
		}
	}
}

// compare tells the ratios to a baseline.
func (r Report) compare(t *textWriter, b Report) {
	t.line("to "+b.Target, "%.2f of its deliveries a CPU-second, %.2f of its CPU time", r.Server.DeliveriesByCPU/b.Server.DeliveriesByCPU,
		r.Server.CPUSeconds/b.Server.CPUSeconds)
	if r.Latency != nil && b.Latency != nil {
		t.line("", "%.2f of its p50, %.2f of its p99", float64(r.Latency.P50)/float64(b.Latency.P50), float64(r.Latency.P99)/float64(b.Latency.P99))
	}
}

// A textWriter puts labels in a column.
type textWriter struct{ w io.Writer }

func (t *textWriter) line(label, format string, values ...any) {
	fmt.Fprintf(t.w, "%-18s%s\n", label, fmt.Sprintf(format, values...))
}

func (r Report) write(t *textWriter) {
	t.line("target", "%s, %s, %s clients", r.Target, r.Mode, r.Kind)
	t.line("clients", "%d, logged in within %.2f s", r.Clients, r.LoginSeconds)
	if r.EventsOffered > 0 {
		r.writeEvents(t)
	}
	r.Slow.write(t, "slow clients")
	r.Frozen.write(t, "frozen clients")
	if r.Server != nil {
		r.Server.write(t, r.Deliveries > 0)
	}
	if r.Deliveries > 0 {
		r.Latency.write(t, "latency")
		r.FeedLate.write(t, "feed was late")
		t.line("generator", "%.3f CPU-s, of it clients %.3f (%.0f ns a delivery)",
			r.Generator.CPUSeconds, r.Generator.ClientCPUSeconds, r.Generator.ClientsPerDelivery)
	}
}

func (r Report) writeEvents(t *textWriter) {
	t.line("events", "%d of %.0f bytes on average, in %.3f s", r.EventsOffered, r.EventBytes, r.WallSeconds)
	t.line("deliveries", "%d of %d, %.1f MB", r.Deliveries, r.EventsExpected, float64(r.Bytes)/1e6)
	t.line("lost", "%d, of these not announced %d (%d gaps announced %d)", r.Lost, r.Unannounced, r.Gaps, r.Missed)
	t.line("wrong", "%d duplicates, %d out of order", r.Duplicates, r.OutOfOrder)
	t.line("at the end", "%d clients unfinished, %d disconnected", r.Unfinished, r.Disconnected)
}

func (s *ServerReport) write(t *textWriter, delivered bool) {
	if delivered {
		t.line("server CPU", "%.3f CPU-s, %.2f cores, %.1f µs an event, %s deliveries a CPU-second",
			s.CPUSeconds, s.Cores, s.CPUByEvent, thousands(s.DeliveriesByCPU))
	}
	if s.IdleCores > 0 {
		t.line("server idle", "%.4f cores during the hold", s.IdleCores)
	}
	t.line("server memory", "%s before, %s with clients (%.1f KiB each), %s after, peak %s",
		mebibytes(s.RSSBefore), mebibytes(s.RSSClients), s.RSSPerClient/1024, mebibytes(s.RSSAfter), mebibytes(s.RSSPeak))
}

func (l *LatencyReport) write(t *textWriter, label string) {
	if l == nil {
		return
	}
	t.line(label, "p50 %s  p90 %s  p99 %s  p99.9 %s  max %s",
		duration(l.P50), duration(l.P90), duration(l.P99), duration(l.P999), duration(l.Max))
}

func (s *StragglerReport) write(t *textWriter, label string) {
	if s == nil {
		return
	}
	t.line(label, "%d: %d deliveries, %d gaps announced %d, %d disconnected", s.Clients, s.Deliveries, s.Gaps, s.Missed, s.Disconnected)
}

func (p *PingReport) write(t *textWriter) {
	t.line("ping", "%d through the proxy: median %s, p99 %s", p.Count, duration(p.Proxy), duration(p.ProxyP99))
	if p.Relay > 0 {
		t.line("", "%d through a bare relay: median %s, p99 %s; ratio %.2f", p.Count, duration(p.Relay), duration(p.RelayP99), p.ProxyToBare)
	}
}

func (p *PipelineReport) write(t *textWriter) {
	t.line("pipelined pings", "%d: %s a second through the proxy", p.Count, thousands(p.Proxy))
	if p.ServerCPU > 0 {
		t.line("", "%s of the proxy's CPU each", duration(p.ServerCPU))
	}
	if p.Direct > 0 {
		t.line("", "%s a second directly, %s of the generator's CPU each; ratio %.2f", thousands(p.Direct), duration(p.DirectCPU), p.ProxyToDirect)
		t.line("", "%s a second through a bare relay; ratio %.2f", thousands(p.Relay), p.Relay/p.Direct)
	}
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

func duration(nanoseconds int64) string {
	return time.Duration(nanoseconds).Round(time.Microsecond / 10).String()
}

// thousands groups a number's digits.
func thousands(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

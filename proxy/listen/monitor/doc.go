// Package monitor is for those who watch over the proxy: /metrics for Prometheus, /healthz (the
// process is up) and /readyz (a server is connected) for whoever restarts it or sends it work, and
// /debug/pprof/, Go's profiles, for administrators.
//
// Metrics are read from the proxy when they are asked for; nothing is counted here. The labels are
// names of servers and users of the configuration, and numbers up to a bound: what clients choose
// makes no series.
//
// The package starts no goroutines.
package monitor

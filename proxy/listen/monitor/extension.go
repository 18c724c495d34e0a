package monitor

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astproxy/astproxy/proxy"
)

// extension reads the figures of what was added to a proxy. Any goroutine.
type extension struct{ proxy *proxy.Proxy }

// Describe implements prometheus.Collector: which figures there are is not known before.
func (extension) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (e extension) Collect(to chan<- prometheus.Metric) {
	figures := e.proxy.Extension().Figures
	if figures == nil {
		return
	}
	for _, f := range figures() {
		kind := prometheus.GaugeValue
		if strings.HasSuffix(f.Name, "_total") {
			kind = prometheus.CounterValue
		}
		to <- prometheus.MustNewConstMetric(describe(f.Name, f.Help, "plugin"), kind, f.Value, f.Part)
	}
}

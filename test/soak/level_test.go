package soak_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// heapMore is how much larger the heap may be at the end, in bytes. What the proxy keeps of events is the same at both times: the
// bounds of its configuration, reached before the first measurement. What is left are caches that fill, such as those of
// secrets that were right. A kilobyte that each connection leaves behind would be ten times as much.
const heapMore = 3 << 20

// level is how large the proxy is with no client in it, all garbage collected.
type level struct {
	goroutines, files, heap, resident float64
}

func (l level) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f file descriptors, heap %.1f MiB, resident %.0f MiB", l.goroutines, l.files, l.heap/(1<<20), l.resident/(1<<20))
}

// metrics are the proxy's, by name; those with labels are added up.
func (p *proxy) metrics() (map[string]float64, error) {
	response, err := http.Get("http://" + p.web + "/metrics")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	values := map[string]float64{}
	for in := bufio.NewScanner(response.Body); in.Scan(); {
		name, text, _ := strings.Cut(in.Text(), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			name, _, _ = strings.Cut(name, "{")
			values[name] += value
		}
	}
	return values, nil
}

// page is a page for administrators.
func (p *proxy) page(path string) (string, error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+p.web+path, nil)
	if err != nil {
		return "", err
	}
	request.Header = basic("admin")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// measure is the proxy's lowest level, when it does not fall any more. Whoever was told to end needs his turn to, and whoever looks
// may be seen himself.
func (p *proxy) measure(t *testing.T, enough func(level) bool) level {
	t.Helper()
	var lowest level
	same := 0
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		if _, err := p.page("/debug/pprof/heap?gc=1"); err != nil { // which collects the garbage
			t.Fatal(err)
		}
		m, err := p.metrics()
		if err != nil {
			t.Fatal(err)
		}
		now := level{m["go_goroutines"], m["process_open_fds"], m["go_memstats_heap_alloc_bytes"], m["process_resident_memory_bytes"]}
		if same++; m["astproxy_streams"] > 0 || lowest.goroutines == 0 || now.goroutines < lowest.goroutines || now.files < lowest.files {
			lowest, same = now, 0
		}
		lowest.heap, lowest.resident = now.heap, now.resident
		if same >= 10 && enough(lowest) || time.Now().After(deadline) {
			return lowest
		}
	}
}

// wantLevel wants the proxy to be as large as before, now that its clients have gone.
func (p *proxy) wantLevel(t *testing.T, before level) level {
	t.Helper()
	smaller := func(l level) bool {
		return l.goroutines <= before.goroutines && l.files <= before.files && l.heap <= before.heap+heapMore
	}
	after := p.measure(t, smaller)
	if !smaller(after) {
		t.Errorf("the proxy had %v, and now has %v", before, after)
		if goroutines, err := p.page("/debug/pprof/goroutine?debug=1"); err == nil && after.goroutines > before.goroutines {
			t.Logf("its goroutines: %s", goroutines)
		}
	}
	return after
}

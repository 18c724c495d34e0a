//go:build unix

package proxy_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/filters"
	"github.com/astproxy/astproxy/proxy"
	"github.com/astproxy/astproxy/proxy/feed"
	"github.com/astproxy/astproxy/upstream"
)

// What an event costs in all, from the log to every view, where each user has a filter of his own and each
// event is one user's.
func BenchmarkUsersWithAFilterEach(b *testing.B) {
	b.Run("filter=channel", func(b *testing.B) {
		benchmarkUsers(b, func(extension int, u *access.UserConfig) { u.Channels = []string{fmt.Sprintf("PJSIP/%d-", extension)} })
	})
	for _, test := range []struct{ name, filter string }{ // %d is the user's extension
		{"exact", "eventfilter(header(Channel),method(exact)) = PJSIP/%d-00000001"},
		{"prefix", "eventfilter(header(Channel),method(starts_with)) = PJSIP/%d-"},
		{"name-and-prefix", "eventfilter(name(Newexten),header(Channel),method(starts_with)) = PJSIP/%d-"},
		{"regex", "eventfilter(header(Channel),method(regex)) = PJSIP/%d-0*[1-9]"},
	} {
		b.Run("filter="+test.name, func(b *testing.B) { benchmarkFilters(b, test.filter) })
	}
}

func benchmarkFilters(b *testing.B, filter string) {
	benchmarkUsers(b, func(extension int, u *access.UserConfig) { u.EventFilter = []string{fmt.Sprintf(filter, extension)} })
}

// benchmarkUsers has each user see the events of his extension's channel.
func benchmarkUsers(b *testing.B, narrow func(extension int, u *access.UserConfig)) {
	for _, users := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint("users=", users), func(b *testing.B) { benchmarkSoManyUsers(b, users, narrow) })
	}
}

func benchmarkSoManyUsers(b *testing.B, users int, narrow func(extension int, u *access.UserConfig)) {
	var configs []access.UserConfig
	for i := range users {
		u := access.UserConfig{Name: fmt.Sprint("user", i), Secret: "x", Read: []string{"all"}}
		narrow(1000+i, &u)
		configs = append(configs, u)
	}
	known, err := access.NewUsers(append(configs, access.UserConfig{Name: "last", Secret: "x", Read: []string{"all"}, EventFilter: []string{"eventfilter(name(Last)) ="}}))
	if err != nil {
		b.Fatal(err)
	}
	server := upstream.Config{Name: "pbx1", Address: "127.0.0.1:1", Username: "x", Secret: "x"}
	p := proxy.New(proxy.Config{Servers: []upstream.Config{server}, Users: known, Feed: feed.Config{Memory: 1 << 30}}, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { p.Feed().Run(ctx) })
	defer running.Wait()
	defer stop()
	for i := range users {
		user, _ := known.Authenticate(fmt.Sprint("user", i), "x")
		defer p.NewWatch(user, ami.ClassAll, filters.Set{}).Close()
	}
	user, _ := known.Authenticate("last", "x")
	last := p.NewWatch(user, ami.ClassAll, filters.Set{})
	defer last.Close()
	var events []ami.Message
	for i := range users {
		events = append(events, newexten(1000+i))
		p.Feed().Append("pbx1", ami.ClassCall, ami.NewEvent("Newchannel").Add("Privilege", "call,all").
			Add("Channel", events[i].Get("Channel")).Add("Uniqueid", events[i].Get("Uniqueid")).Message())
	}
	awaitLast := func() { // all that came before is matched then
		p.Feed().Append("pbx1", ami.ClassDialplan, ami.NewEvent("Last").Message())
		last.Wait(ctx)
		last.Read()
	}
	appendEvents := func(n int) {
		for i := range n {
			p.Feed().Append("pbx1", ami.ClassDialplan, events[i%users])
		}
		awaitLast()
	}
	appendEvents(users)
	b.ReportAllocs()
	b.ResetTimer()
	began := processorTime(b)
	const batch = 1000
	for done := 0; done < b.N; done += batch {
		appendEvents(min(batch, b.N-done))
	}
	b.ReportMetric(float64(processorTime(b)-began)/float64(b.N), "cpu-ns/op")
}

// processorTime is what the process has used of its processors: on a machine that has other things to do the
// time that passes says little.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// newexten is an event as Asterisk 22 has them, of an extension's channel.
func newexten(extension int) ami.Message {
	b := ami.NewEvent("Newexten").Add("Privilege", "dialplan,all").Add("Channel", fmt.Sprintf("PJSIP/%d-00000001", extension))
	b.Add("Uniqueid", fmt.Sprintf("1795340399.%d", extension))
	for _, header := range []string{"ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum",
		"ConnectedLineName", "Language", "AccountCode", "Context", "Exten", "Priority", "Linkedid", "Extension", "Application"} {
		b.Add(header, "1234567890")
	}
	return b.Add("AppData", "PJSIP/102,30").Message()
}

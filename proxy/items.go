package proxy

import (
	"strconv"

	"github.com/astproxy/astproxy/access"
	"github.com/astproxy/astproxy/ami"
)

// his is an event of the answer as the asker may see it: of a tenant's user, and of one with a channel filter, the items
// that are his, and an end that counts no others; false: nothing of it. On the session's reader.
func (r *reply) his(m ami.Message) (ami.Message, bool) {
	user := r.asker.user.Load()
	sees := newSight(user)
	if !sees.item(r.server.tracker, m) || !user.JudgeItem(serverChannels{r.server.tracker}, m).Allowed {
		r.hidden++
		return m, false
	}
	if r.hidden > 0 && access.EndsList(m) {
		m = countingLess(m, r.hidden)
	}
	return m, true
}

// countHeaders are where the end of a list counts its items: as most do, Status, and those of parked calls and faxes
// (res_parking, res_fax.c).
var countHeaders = [...]string{"ListItems", "Items", "Total"}

// countingLess is the end of a list without some of its items. What a server counts wrongly stays as wrong as it was.
func countingLess(m ami.Message, hidden int) ami.Message {
	for _, name := range countHeaders {
		i := m.Index(name)
		if i < 0 {
			continue
		}
		_, value := m.Header(i)
		if n, err := strconv.Atoi(value); err == nil {
			m = m.ReplacingValue(i, strconv.Itoa(max(0, n-hidden)))
		}
	}
	return m
}

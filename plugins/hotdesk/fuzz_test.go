package hotdesk

import (
	"strings"
	"testing"
)

// FuzzUsersFile reads whatever a file of users has: what it gives are users that can be, and an error tells no PIN.
func FuzzUsersFile(f *testing.F) {
	f.Add("extension,name,pin\n741,Ann,0123\n")
	f.Add("\ufeffExtension, PIN, queues, enabled\n# remark\n741,\"0123\",support;sales:2,no\n")
	f.Add("extension\n\"741\n")
	f.Add("pin,extension\n98765432109876543210987654321,741\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := readUsers(strings.NewReader(text))
		if err != nil && strings.Contains(err.Error(), "98765432109876543210987654321") && strings.HasPrefix(text, "pin,extension\n9876") {
			t.Errorf("the error has the PIN: %v", err)
		}
		for _, u := range all {
			if !rightExtension.MatchString(u.Extension) || strings.ContainsAny(u.Name+u.CallerID+u.Context+u.Mailbox, "\r\n\x00") {
				t.Errorf("this is taken for a user: %q", u.Extension+" "+u.Name)
			}
			for _, q := range u.Queues {
				if !rightQueue.MatchString(q.Queue) || q.Penalty < 0 {
					t.Errorf("this is taken for a queue: %q", q)
				}
			}
		}
	})
}

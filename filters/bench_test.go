package filters

import "testing"

// What a filter costs an event that it does not match, by kind.
func BenchmarkMatch(b *testing.B) {
	for _, test := range []struct{ name, criteria, expression string }{
		{"name", "name(Hangup)", ""},
		{"text", "", "Event: Hangup"},
		{"header", "header(Channel),method(starts_with)", "PJSIP/102-"},
		{"pattern", "", "Event: (Hangup|Rename)"},
		{"anything between", "", "Newexten.*Context: nobody|Exten"},
	} {
		b.Run(test.name, func(b *testing.B) {
			f := mustParse(b, test.criteria, test.expression)
			b.ReportAllocs()
			for b.Loop() {
				if f.Match(event) {
					b.Fatal("it matches")
				}
			}
		})
	}
}

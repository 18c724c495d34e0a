// Package phones gives a test phones: SIP user agents, played by sipp (Debian's package sip-tester), that register at an Asterisk
// of package asterisk as PJSIP endpoints and do one thing when they are called.
//
//	server := asterisk.Start(t, "22")
//	phones.Start(t, server, phones.Answers(200*time.Millisecond), "101", "102")
//	phones.Start(t, server, phones.RingsForEver(), "103")
//
// The endpoints 101 to 110 are there always; others are made. What they do is in scenarios.
//
// All phones of one Start are one process, which ends with the test. The package starts one goroutine for each, that waits for
// its end.
package phones

// Package transcript holds nothing but tests: they say the same to a real Asterisk directly and
// through the proxy, and want the same answers, byte for byte. A client that was written for
// Asterisk cannot tell one from the other.
//
// They need the Asterisks of test/asterisk, and are skipped without. What may differ, and why, is
// one table: byDesign.
package transcript

// Package switchboard holds nothing but tests: the scenarios of proxy/proxytest/promises, which show
// that the switchboard keeps what it promises, with a real Asterisk behind it.
//
// They need the Asterisks of test/asterisk, and are skipped without. The same with a simulated Asterisk
// is in the tests of package proxy.
package switchboard

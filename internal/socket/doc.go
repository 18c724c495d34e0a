// Package socket writes to connections without ever waiting: what does not go at once is the
// caller's to send later, by whatever may wait. TLS is written so too, where a Carrier stands between it and the
// system's connection: there what TLS has made of the caller's bytes is held until it goes. It starts no goroutines.
//
// Two things spare the system work: a Gatherer reads what has come together without anybody being woken for each segment, and
// Pages are memory of the kernel's from which many are sent the same bytes.
package socket

// Package database gives a test a PostgreSQL server of its own, as install.sh installs it: a folder and a loopback port of its own,
// run by an unprivileged user, gone with the test. It starts one goroutine for each, that waits for its end.
package database

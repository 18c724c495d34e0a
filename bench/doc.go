// Package bench has the measurements of the whole path: load.sh, compare.sh and plots.sh, which
// docs/performance.md explains. What was kept of them is in results, and plots draws it. The package's test
// shows that every kind of client they have gets every event from the proxy.
package bench

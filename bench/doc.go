// Package bench has the measurements of the whole path: load.sh and compare.sh, which docs/performance.md
// explains. Its test shows that every kind of client they have gets every event from the proxy.
package bench

// Package live has other people's clients use /ws and /events: a browser, and the WebSocket library of
// node. install.sh installs them; without them the tests are skipped. The JavaScript of docs/http-live.md is
// run by the browser.
package live

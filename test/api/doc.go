// Package api says actions to a real Asterisk through the HTTP API. It has tests alone.
package api

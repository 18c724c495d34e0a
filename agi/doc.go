// Package agi is a FastAGI server: what a dialplan asks for by AGI(agi://HOST/PATH?NAME=VALUE), to talk with who is
// on the phone.
//
// # What a call costs
//
// Every AGI() is a connection, on which Asterisk first tells what the call is, and then does what it is told, one
// command after the other (Asterisk's res/res_agi.c). A Server bounds what a connection may cost: how many there are, how long
// the beginning, an answer and the whole may take, and how much is read. Who is in none of the networks, or has not the token, is
// disconnected before anything is done for him. Whatever goes wrong, the connection is closed, and the dialplan
// goes on with its next step: as it does, with AGISTATUS FAILURE, if there is no proxy at all.
//
// # The token
//
// It comes in the query (token=...), where everybody sees it who may see the dialplan's events, or in the global variable
// ASTPROXY_TOKEN, which is asked for: that shows in an event when Asterisk reads its dialplan, and in none of a call.
//
// # Goroutines
//
// Serve accepts on the goroutine that calls it and starts one a connection, which runs the script; it returns when
// its listener is closed or its context has ended, and they all have. A Call is for its script's goroutine alone.
package agi

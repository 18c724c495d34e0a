// Package groupcall has the tests of group calls that want something real: Asterisk 22 and 16, and phones.
package groupcall

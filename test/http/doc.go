// Package http tests the HTTP door as somebody else sees it: the binary, run from a configuration file, and
// curl, xmllint and Python's csv module. A test that misses its program is skipped with a word on how to
// get it.
package http

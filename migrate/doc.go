// Package migrate writes an astproxy.toml from what somebody has: the files of astmanproxy, the proxy before
// this one, or Asterisk's manager.conf.
//
// What it writes does what the old files do. Where it cannot, or should not, a comment says so, and why; a
// comment that begins with WARNING wants somebody to look. Nothing of the old files is dropped in silence.
// Secrets are taken over as they are; no comment and no error holds one.
//
// What each file means is what its reader makes of it, not what its documentation says: astmanproxy's
// config.c and config_perms.c up to version 1.30, and Asterisk's main/config.c and main/manager.c of version
// 22. There is a file here for each grammar, and one for what becomes of it.
//
// The package reads the files it is told of and those they include. It starts no goroutines.
package migrate

// Package app puts astproxy together: it reads the configuration and runs what it describes.
// Only commands and tests import it.
//
// Load reads astproxy.toml. Whatever is wrong is found at once and said with line and column, so
// that nobody mends a file one error a try. It goes in four steps, a group of files each:
//
//   - the text becomes values (BurntSushi/toml), and an index of where each key stands
//     (config_positions.go), because the decoder keeps no positions for a caller
//   - the values become a Config (config_bind.go), with ${NAME} replaced by the environment's
//     (config_expand.go); what has the wrong type or an unknown name is a Problem
//   - files that the configuration names are read (config_files.go)
//   - each table is checked, then all of them against each other (config_check.go)
//
// Load starts no goroutines and keeps no files open. A Config is not changed after Load: a reload
// loads another one.
package app

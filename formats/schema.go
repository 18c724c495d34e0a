package formats

import _ "embed"

// JSONSchema is the JSON Schema (draft 2020-12) of what JSON writes: an object, or the array of a
// list.
//
//go:embed schema.json
var JSONSchema []byte

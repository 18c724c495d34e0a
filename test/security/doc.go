// Package security holds what astproxy's TLS is like for other people's programs: openssl, and an
// authority that speaks ACME. install.sh gets them; tests that miss one say so and skip.
package security

package migrate

import "crypto/rand"

// Options are what a conversion needs beside the files.
type Options struct {
	// NewSecret makes a secret for a user whom the old files do not have; nil makes one that nobody guesses.
	NewSecret func() string
}

func (o Options) newSecret() string {
	if o.NewSecret != nil {
		return o.NewSecret()
	}
	return rand.Text()
}

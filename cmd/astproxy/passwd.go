package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/astproxy/astproxy/access"
)

func newPasswd() *cobra.Command {
	return &cobra.Command{
		Use:   "passwd",
		Short: "Make a hash of a user's secret, to be configured in its place",
		Long: `passwd asks for a secret twice, without showing it, and prints its bcrypt hash, which may
stand in astproxy.toml as the user's secret. From the hash nobody can find the secret.
If standard input is no terminal, the secret is its one line.

Two things need the secret itself: a login by Challenge (MD5 or HTTP Digest), and a
ProxyKey.`,
		Example: `  astproxy passwd
  openssl rand -hex 16 | tee secret | astproxy passwd`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			secret, err := readSecret(command.InOrStdin(), command.ErrOrStderr())
			if err != nil {
				return err
			}
			hash, err := access.HashSecret(secret)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(command.OutOrStdout(), hash)
			return err
		},
	}
}

// readSecret asks at a terminal, and reads one line of anything else.
func readSecret(from io.Reader, prompts io.Writer) (string, error) {
	if file, is := from.(*os.File); is && term.IsTerminal(int(file.Fd())) {
		return askTwice(prompts, func() (string, error) {
			secret, err := term.ReadPassword(int(file.Fd()))
			return string(secret), err
		})
	}
	const most = 4096 // more than a line of AMI can have
	text, err := io.ReadAll(io.LimitReader(from, most))
	if err != nil {
		return "", err
	}
	secret, rest, _ := strings.Cut(string(text), "\n")
	if rest != "" {
		return "", errors.New("a secret is one line, and there are several")
	}
	return strings.TrimSuffix(secret, "\r"), nil
}

// askTwice lets nobody be locked out by a slip that nobody saw.
func askTwice(prompts io.Writer, read func() (string, error)) (string, error) {
	var secrets [2]string
	for i, prompt := range []string{"Secret: ", "Again: "} {
		_, _ = fmt.Fprint(prompts, prompt)
		secret, err := read()
		_, _ = fmt.Fprintln(prompts) // what was typed had no line end
		if err != nil {
			return "", fmt.Errorf("cannot read a secret: %w", err)
		}
		secrets[i] = secret
	}
	if secrets[0] != secrets[1] {
		return "", errors.New("the two are not the same")
	}
	return secrets[0], nil
}

package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"github.com/astproxy/astproxy/access"
)

func newToken() *cobra.Command {
	var config access.TokenConfig
	command := &cobra.Command{
		Use:   "token",
		Short: "Make a token for a program that uses HTTP",
		Long: `token makes a new token and prints it, once, with the lines to put into astproxy.toml so
that whoever has it is that user. It changes nothing itself. The configuration has
the token's hash alone, from which nobody can find the token.

A program sends it as header "Authorization: Bearer TOKEN".`,
		Example: `  astproxy token --user monitor --name wallboard
  astproxy token --user monitor --name wallboard --expires 2099-12-31 --read call,agent --write ""`,
		Args: cobra.NoArgs,
	}
	flags := command.Flags()
	flags.StringVar(&config.User, "user", "", "whom the token stands for")
	flags.StringVar(&config.Name, "name", "", "what the token is for")
	flags.StringVar(&config.Expires, "expires", "", "the last day it is of use, as 2099-12-31")
	read := flags.String("read", "", "of the user's classes of events only these, separated by commas")
	write := flags.String("write", "", "of the user's classes of actions only these, separated by commas")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if flags.Changed("read") {
			config.Read = listed(*read)
		}
		if flags.Changed("write") {
			config.Write = listed(*write)
		}
		token := access.NewToken()
		config.Hash = access.TokenHash(token)
		if err := config.Validate(); err != nil {
			return &usageError{errors.New(strings.ReplaceAll(err.Error(), "\n", "; "))}
		}
		return printToken(command.OutOrStdout(), token, config)
	}
	return command
}

// listed takes a list apart that is separated by commas. It is never nil.
func listed(text string) []string {
	names := []string{}
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// printToken prints a token and its table.
func printToken(to io.Writer, token string, c access.TokenConfig) error {
	table := map[string]any{"name": c.Name, "user": c.User, "hash": c.Hash}
	if c.Expires != "" {
		table["expires"] = c.Expires
	}
	if c.Read != nil {
		table["read"] = c.Read
	}
	if c.Write != nil {
		table["write"] = c.Write
	}
	var lines strings.Builder
	encoder := toml.NewEncoder(&lines)
	encoder.Indent = ""
	if err := encoder.Encode(map[string]any{"token": []map[string]any{table}}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(to, `The token, which is kept nowhere and shown only here:

%s

The lines for astproxy.toml:

%s`, token, &lines)
	return err
}

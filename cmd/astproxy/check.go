package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/astproxy/astproxy/app"
)

func newCheck() *cobra.Command {
	command := &cobra.Command{
		Use:   "check",
		Short: "Say what is wrong with a configuration file",
		Long: `check reads a configuration file, and the secrets and certificates it names, as serve
would, and connects to nothing. Everything that is wrong goes to standard error, a line
each, with line and column; the exit code then is 1. Warnings alone leave it 0.`,
		Example: `  astproxy check -c /etc/astproxy/astproxy.toml && systemctl restart astproxy`,
		Args:    onlyFlags,
		RunE: func(command *cobra.Command, _ []string) error {
			path := configPath(command)
			config, err := app.Load(path)
			if err != nil {
				return err
			}
			if len(config.Warnings) > 0 {
				command.PrintErrln(config.Warnings)
			}
			return summarize(command.OutOrStdout(), path, config)
		},
	}
	addConfigFlag(command)
	return command
}

// summarize shows that what was read is what was meant.
func summarize(to io.Writer, path string, config *app.Config) error {
	var servers, listeners, users, tokens []string
	for _, server := range config.Servers {
		servers = append(servers, fmt.Sprintf("%s (%s)", server.Name, server.Address))
	}
	for _, listener := range config.Listeners {
		listeners = append(listeners, listener.URL)
	}
	for _, user := range config.Users {
		users = append(users, user.Name)
	}
	for _, token := range config.Tokens {
		tokens = append(tokens, fmt.Sprintf("%s (%s)", token.Name, token.User))
	}
	text := line("server", servers) + line("listener", listeners) + line("user", users)
	if len(tokens) > 0 {
		text += line("token", tokens)
	}
	_, err := fmt.Fprintf(to, "%s: ok\n%s", path, text)
	return err
}

// line counts things and names the first few.
func line(thing string, names []string) string {
	const most = 8
	count := len(names)
	if count != 1 {
		thing += "s"
	}
	if count > most {
		names = append(names[:most:most], "...")
	}
	return fmt.Sprintf("  %d %s: %s\n", count, thing, strings.Join(names, ", "))
}

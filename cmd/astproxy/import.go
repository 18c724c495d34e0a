package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/astproxy/astproxy/migrate"
)

func newImport() *cobra.Command {
	command := &cobra.Command{
		Use:   "import [astmanproxy.conf [astmanproxy.users] [ssl.conf]]",
		Short: "Make an astproxy.toml from astmanproxy's files, or from manager.conf",
		Long: `import reads the configuration of astmanproxy and prints an astproxy.toml that does the
same, with a comment for each thing that differs, and why. The other two files are looked
for beside the first one, unless they are named.

With --manager-conf it reads Asterisk's manager.conf and what that includes, and prints an
astproxy.toml in which its users are astproxy's, so that astproxy takes the place of the
manager port and clients notice nothing.

The secrets are taken over. With -o the file is made so that only its owner can read it.
Comments that begin with WARNING are about what you should look at.`,
		Example: `  astproxy import /etc/asterisk/astmanproxy.conf -o astproxy.toml && astproxy check -c astproxy.toml
  astproxy import --manager-conf /etc/asterisk/manager.conf -o astproxy.toml`,
	}
	manager := command.Flags().String("manager-conf", "", "Asterisk's manager.conf `file`, instead of astmanproxy's")
	path := command.Flags().StringP("output", "o", "", "`file` to write, which must not be there yet")
	command.Args = func(_ *cobra.Command, args []string) error {
		switch {
		case *manager != "" && len(args) > 0:
			return errors.New("it is either --manager-conf or astmanproxy's files")
		case *manager == "" && (len(args) < 1 || len(args) > 3):
			return errors.New("which files? astmanproxy.conf, and perhaps astmanproxy.users and ssl.conf")
		}
		return nil
	}
	command.RunE = func(command *cobra.Command, args []string) error {
		text, err := convert(*manager, args)
		if err != nil {
			return err
		}
		if *path == "" {
			_, err := io.WriteString(command.OutOrStdout(), text)
			return err
		}
		if err := writeNew(*path, text); err != nil {
			return err
		}
		command.PrintErrf("%s is written, with %d warnings to look at; next: astproxy check -c %s\n",
			*path, strings.Count("\n"+text, "\n# WARNING: "), *path)
		return nil
	}
	return command
}

func convert(manager string, args []string) (string, error) {
	if manager != "" {
		return migrate.FromManagerConf(manager, migrate.Options{})
	}
	files := migrate.AstmanproxyFiles{Config: args[0]}
	for _, path := range args[1:] {
		if strings.HasSuffix(filepath.Base(path), "ssl.conf") {
			files.SSL = path
			continue
		}
		if files.Users != "" {
			return "", &usageError{fmt.Errorf("which is the file of users, %s or %s?", files.Users, path)}
		}
		files.Users = path
	}
	return migrate.FromAstmanproxy(files, migrate.Options{})
}

// writeNew writes a file that only its owner can read: there are secrets in it.
func writeNew(path, text string) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already, and is not written over: name another file, or take that away", path)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = io.WriteString(file, text)
	return err
}

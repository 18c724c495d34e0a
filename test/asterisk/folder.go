package asterisk

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const folderPrefix = "astproxy-"

// makeFolder makes the folder of an instance in the system under root. Its name
// says which process it belongs to.
func makeFolder(root string) (string, error) {
	return os.MkdirTemp(filepath.Join(root, "run"), fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
}

// removeLeftovers removes the folders of processes that ended without doing it,
// because they were killed.
func removeLeftovers(root string) {
	folders, err := filepath.Glob(filepath.Join(root, "run", folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), folderPrefix), "-")
		pid, err := strconv.Atoi(owner)
		if err == nil && processIsGone(pid) {
			os.RemoveAll(folder) // another test may be doing the same
		}
	}
}

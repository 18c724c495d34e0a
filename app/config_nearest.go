package app

import (
	"fmt"
	"strings"
)

// didYouMean offers the known name that is nearest to the given one, or nothing.
func didYouMean(given string, known []string) string {
	if name := nearest(given, known); name != "" {
		return fmt.Sprintf("did you mean %q?", name)
	}
	return ""
}

// nearest is the known name with the least edits to the given one, if they are few enough for a
// slip: up to a third of its letters. Upper and lower case are no difference.
func nearest(given string, known []string) string {
	best, fewest := "", (len(given)+2)/3+1
	for _, name := range known {
		if edits := distance(strings.ToLower(given), strings.ToLower(name)); edits < fewest {
			best, fewest = name, edits
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with their neighbour.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	// Three rows of the usual table: a swap looks two back.
	before, above, row := make([]int, len(to)+1), make([]int, len(to)+1), make([]int, len(to)+1)
	for j := range above {
		above[j] = j
	}
	for i := range from {
		row[0] = i + 1
		for j := range to {
			replace := above[j]
			if from[i] != to[j] {
				replace++
			}
			row[j+1] = min(replace, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(to)]
}

package transcript_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// wantSame fails the test if what came through the proxy is not what came directly, and shows
// where.
func wantSame(t *testing.T, about, direct, through string) {
	t.Helper()
	if direct != through {
		t.Errorf("%s differs; - is direct, + is through the proxy:\n%s", about, diff(direct, through))
	}
}

// wantSameMessages is wantSame for the messages of one answer.
func wantSameMessages(t *testing.T, about string, direct, through []string) {
	t.Helper()
	wantSame(t, about, strings.Join(direct, ""), strings.Join(through, ""))
}

// diffContext is how many equal lines are shown around a difference.
const diffContext = 4

// diff shows the lines of both texts, with what no eye sees escaped.
func diff(a, b string) string {
	left, right := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	// common[i][j] is how many lines left[i:] and right[j:] have in common, in order.
	common := make([][]int, len(left)+1)
	for i := range common {
		common[i] = make([]int, len(right)+1)
	}
	for i := len(left) - 1; i >= 0; i-- {
		for j := len(right) - 1; j >= 0; j-- {
			if left[i] == right[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var lines []string
	show := func(sign, line string) {
		if line != "" {
			quoted := strconv.Quote(line)
			lines = append(lines, sign+" "+quoted[1:len(quoted)-1])
		}
	}
	for i, j := 0, 0; i < len(left) || j < len(right); {
		switch {
		case i < len(left) && j < len(right) && left[i] == right[j]:
			show(" ", left[i])
			i, j = i+1, j+1
		case j == len(right) || i < len(left) && common[i+1][j] >= common[i][j+1]:
			show("-", left[i])
			i++
		default:
			show("+", right[j])
			j++
		}
	}
	return strings.Join(nearChanges(lines), "\n")
}

// nearChanges leaves out what is the same on both sides, but for a few lines around what is not.
func nearChanges(lines []string) []string {
	keep := make([]bool, len(lines))
	for i, line := range lines {
		if line[0] != ' ' {
			for at := max(0, i-diffContext); at <= min(len(lines)-1, i+diffContext); at++ {
				keep[at] = true
			}
		}
	}
	var shown []string
	left := 0
	for i, line := range lines {
		if !keep[i] {
			left++
			continue
		}
		if left > 0 {
			shown = append(shown, fmt.Sprintf("  ... %d lines the same ...", left))
			left = 0
		}
		shown = append(shown, line)
	}
	if left > 0 {
		shown = append(shown, fmt.Sprintf("  ... %d lines the same ...", left))
	}
	return shown
}

func TestADifferenceIsShownByItsLines(t *testing.T) {
	got := diff("a\r\nb\r\nc\r\n", "a\r\nB\r\nc\n")
	want := `  a\r\n
- b\r\n
- c\r\n
+ B\r\n
+ c\n`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

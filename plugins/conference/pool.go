package conference

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// pool are the numbers for conferences that have none.
type pool []poolRange

// poolRange are numbers of as many digits as width says.
type poolRange struct{ first, last, width int }

// maxPool bounds how many numbers a pool has.
const maxPool = 100_000

// parsePool reads "8000-8099,8200".
func parsePool(text string) (pool, error) {
	var p pool
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, errFrom := strconv.ParseUint(first, 10, 31)
		to, errTo := strconv.ParseUint(last, 10, 31)
		switch {
		case errFrom != nil || errTo != nil:
			return nil, fmt.Errorf("%q is neither a number nor two with - between", part)
		case len(first) != len(last):
			return nil, fmt.Errorf("%q: the first and the last number have not as many digits", part)
		case from > to:
			return nil, fmt.Errorf("%q ends before it begins", part)
		}
		p = append(p, poolRange{int(from), int(to), len(first)})
		if p.size() > maxPool {
			return nil, errors.New("it has more than 100,000 numbers")
		}
	}
	return p, nil
}

func (p pool) size() int {
	n := 0
	for _, r := range p {
		n += r.last - r.first + 1
	}
	return n
}

// at is number i, which is below size.
func (p pool) at(i int) string {
	for _, r := range p {
		n := r.last - r.first + 1
		if i < n {
			return fmt.Sprintf("%0*d", r.width, r.first+i)
		}
		i -= n
	}
	return ""
}

// free is a number that is not taken, searched for from number start on, or "" if all are.
func (p pool) free(start int, taken func(number string) bool) string {
	size := p.size()
	for i := range size {
		if number := p.at((start + i) % size); !taken(number) {
			return number
		}
	}
	return ""
}

package app

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes. In the configuration it is a whole number or a text with a unit:
// 67108864 or "64MiB".
type Size int64

// The units a Size is written in.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
)

var sizeUnits = []struct {
	name string
	size Size
}{
	{"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}, {"B", 1},
}

// String writes the size as the configuration does, in the largest unit that needs no fraction.
func (s Size) String() string {
	for _, unit := range sizeUnits {
		if s%unit.size == 0 && s != 0 {
			return strconv.FormatInt(int64(s/unit.size), 10) + unit.name
		}
	}
	return "0B"
}

var errSize = errors.New(`not a size: bytes, or a whole number with KiB, MiB or GiB, such as "64MiB"`)

// parseSize reads what String writes, and a number of bytes without a unit.
func parseSize(text string) (Size, error) {
	digits, factor := text, Size(1)
	for _, unit := range sizeUnits {
		if before, found := strings.CutSuffix(text, unit.name); found {
			digits, factor = strings.TrimSpace(before), unit.size
			break
		}
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || n > uint64(math.MaxInt64/factor) {
		return 0, errSize
	}
	return Size(n) * factor, nil
}

package main

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// An axis is logarithmic, and has numbers at these in each power of ten, or where there are none it is linear and begins
// at zero.
type axis struct {
	label   string
	numbers []float64
}

// fit has the axis begin and end where a number stands.
func (a axis) fit(on *plot.Axis) {
	if a.numbers == nil {
		on.Min = 0
		on.Max *= 1.05
		return
	}
	on.Scale = plot.LogScale{}
	ticks := a.ticks(on.Min, on.Max)
	on.Min, on.Max = ticks[0].Value, ticks[len(ticks)-1].Value
	on.Tick.Marker = ticks
}

// ticks are from the last number that is not above low to the first that is not below high: two at least.
func (a axis) ticks(low, high float64) (ticks plot.ConstantTicks) {
	const equal = 1e-9 // or almost, since powers are rounded
	for power := math.Floor(math.Log10(low)); ; power++ {
		for _, number := range a.numbers {
			v := number * math.Pow(10, power)
			if v <= low*(1+equal) {
				ticks = ticks[:0]
			}
			ticks = append(ticks, plot.Tick{Value: v, Label: thousands(v)})
			if v >= high*(1-equal) && len(ticks) > 1 {
				return ticks
			}
		}
	}
}

// thousands has commas between them.
func thousands(v float64) string {
	if v < 1000 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

package main

// spans are one value of a line's points, for the plotters: medians, and how far the rounds are from them.
type spans []struct {
	x, low, median, high float64
	label                string
}

func newSpans(points []*point, v value) spans {
	s := make(spans, len(points))
	for i, p := range points {
		x, rounds := v.of(p)
		s[i].x = x
		s[i].low, s[i].median, s[i].high = span(rounds)
		if v.label != nil {
			s[i].label = v.label(p)
		}
	}
	return s
}

// Len implements plotter.XYer.
func (s spans) Len() int { return len(s) }

// XY implements plotter.XYer.
func (s spans) XY(i int) (x, y float64) { return s[i].x, s[i].median }

// YError implements plotter.YErrorer.
func (s spans) YError(i int) (below, above float64) {
	return s[i].median - s[i].low, s[i].high - s[i].median
}

// Label implements plotter.Labeller.
func (s spans) Label(i int) string { return s[i].label }

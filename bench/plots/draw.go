package main

import (
	"bytes"
	"fmt"
	"image/color"
	"path/filepath"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The picture, in points.
const (
	width       = 620
	height      = 350
	headHeight  = 52
	legendWidth = 125
	footHeight  = 20
	margin      = 10
)

// The colours are Okabe and Ito's, which people who see few colours can tell apart; the shapes help.
var (
	colours = []color.RGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {230, 159, 0, 255}}
	shapes  = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.PyramidGlyph{}, draw.CrossGlyph{}, draw.RingGlyph{}}
	faint   = color.RGBA{225, 225, 225, 255}
)

// draw makes the SVG.
func (f figure) draw(folder string) ([]byte, error) {
	r, err := load(filepath.Join(folder, f.result+".json"))
	if err != nil {
		return nil, err
	}
	p := f.empty()
	legend := newLegend()
	for i, line := range r.lines() {
		for _, v := range f.values {
			if err := add(p, &legend, line, v, i); err != nil {
				return nil, err
			}
		}
	}
	f.x.fit(&p.X)
	f.y.fit(&p.Y)

	canvas := vgsvg.New(width, height)
	whole := draw.New(canvas)
	whole.FillPolygon(color.White, []vg.Point{{}, {X: width}, {X: width, Y: height}, {Y: height}}) // on dark pages, too
	write(whole, 13, height-margin, f.title)
	write(whole, 10, height-margin-20, f.y.label)
	p.Draw(draw.Crop(whole, margin, -legendWidth, footHeight, -headHeight))
	legend.Draw(draw.Crop(whole, width-legendWidth+margin, 0, footHeight, -headHeight))
	write(whole, 8, footHeight-margin/2, r.foot())
	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return nil, err
	}
	// Who has no Liberation Sans gets what is as wide.
	return bytes.ReplaceAll(svg.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")), nil
}

// write puts a line of text below a height.
func write(on draw.Canvas, size, top vg.Length, line string) {
	style := plot.NewLegend().TextStyle
	style.Font.Variant, style.Font.Size = "Sans", size
	style.YAlign = draw.YTop
	on.FillText(style, vg.Point{X: margin, Y: top}, line)
}

// newLegend stands beside the plot.
func newLegend() plot.Legend {
	legend := plot.NewLegend()
	legend.Top, legend.Left = true, true
	legend.Padding = 5
	legend.TextStyle.Font.Variant = "Sans"
	legend.TextStyle.Font.Size = 10
	return legend
}

// empty has all but the lines. The label of y is none of gonum's, which leaves room for one in the wrong place where
// the axis is logarithmic.
func (f figure) empty() *plot.Plot {
	p := plot.New()
	p.X.Label.Text = f.x.label
	for _, style := range []*draw.TextStyle{&p.X.Label.TextStyle, &p.X.Tick.Label, &p.Y.Tick.Label} {
		style.Font.Variant, style.Font.Size = "Sans", 10
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = faint, faint
	p.Add(grid)
	return p
}

// lines are the points of each line.
func (r *result) lines() (all [][]*point) {
	place := map[string]int{}
	for _, p := range r.Points {
		i, known := place[p.Line]
		if !known {
			i = len(all)
			place[p.Line] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], p)
	}
	return all
}

// add draws one value of a line of points, with the n-th colour.
func add(p *plot.Plot, legend *plot.Legend, points []*point, v value, n int) error {
	s := newSpans(points, v)
	line, marks, err := plotter.NewLinePoints(s)
	if err != nil {
		return err
	}
	line.Color = colours[n]
	line.Width = 1.5
	if v.dashed {
		line.Dashes = []vg.Length{4, 3}
	}
	marks.Color, marks.Shape, marks.Radius = colours[n], shapes[n], 3
	bars, err := plotter.NewYErrorBars(s)
	if err != nil {
		return err
	}
	bars.Color = colours[n]
	bars.CapWidth = 4
	p.Add(line, bars, marks)
	legend.Add(points[0].Line+v.suffix, line, marks)
	if v.label == nil {
		return nil
	}
	labels, err := plotter.NewLabels(s)
	if err != nil {
		return err
	}
	labels.Offset = vg.Point{X: 5, Y: 4}
	for i := range labels.TextStyle {
		labels.TextStyle[i].Font.Variant, labels.TextStyle[i].Font.Size = "Sans", 9
	}
	p.Add(labels)
	return nil
}

// foot says where and when it was measured.
func (r *result) foot() string {
	m := r.Machine
	month := m.Month
	if t, err := time.Parse("2006-01", month); err == nil {
		month = t.Format("January 2006")
	}
	rounds := "One round."
	if n := len(r.Points[0].Microseconds); n > 1 {
		rounds = fmt.Sprintf("Medians of %d rounds, bars from the lowest to the highest.", n)
	}
	return fmt.Sprintf("%s %s, %s, %d processors, %s", rounds, month, m.System, m.Processors, m.Go)
}

package main

import (
	"bytes"
	"fmt"
	"math"
	"time"
)

// The plot's size and margins, in its own units.
const (
	plotWidth, plotHeight   = 640, 360
	plotLeft, plotRight     = 60, 40
	plotTop, plotBottom     = 50, 50
	plotInnerW, plotInnerH  = plotWidth - plotLeft - plotRight, plotHeight - plotTop - plotBottom
	plotStep                = 10.0 // microseconds between grid lines, at least
	plotFont, plotSmallFont = 13, 11
)

// colours tell the calls apart, also for who sees no colours: one is dark, one is light.
var colours = map[string]string{"paVerifyPaymentNotice": "#0b4f8a", "paGetPaymentV2": "#d9822b", "responder": "#888888"}

// plot draws the processor time of a call against the number of positions, which is
// logarithmic, with the responder's beside it.
func (r *results) plot(m *machine) []byte {
	series, names := map[string][]point{}, []string{}
	top := 0.0
	for i := range r.reads {
		c := &r.reads[i]
		for name, cost := range map[string]time.Duration{c.operation: c.cost(), "responder": median(of(c.static, func(s sample) time.Duration { return s.cpu }))} {
			top = max(top, micros(cost))
			if name == c.operation || i%2 == 0 { // one line for the responder
				series[name] = append(series[name], point{c.positions, micros(cost)})
			}
		}
		if i < 2 {
			names = append(names, c.operation)
		}
	}
	names = append(names, "responder")
	step := plotStep
	for top/step > 8 {
		step *= 2
	}
	a := axes{least: float64(r.reads[0].positions), most: float64(r.reads[len(r.reads)-1].positions), top: (math.Floor(top/step) + 1) * step}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="%d" role="img">`+"\n", plotWidth, plotHeight, plotFont)
	fmt.Fprintf(&b, "<title>Processor time of a call against the number of stored positions</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", plotWidth, plotHeight)
	fmt.Fprintf(&b, `<text x="%d" y="22">Processor time of a call (µs) against stored positions, commit %s</text>`+"\n", plotLeft, m.commit)
	a.grid(&b, step, series[names[0]])
	for i, name := range names {
		a.line(&b, name, series[name], i)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

type point struct {
	positions int
	cost      float64 // microseconds
}

// axes place points.
type axes struct{ least, most, top float64 }

func (a axes) x(positions int) float64 {
	if a.most <= a.least {
		return plotLeft + plotInnerW/2
	}
	return plotLeft + plotInnerW*math.Log(float64(positions)/a.least)/math.Log(a.most/a.least)
}

func (a axes) y(cost float64) float64 { return plotTop + plotInnerH*(1-cost/a.top) }

func (a axes) grid(b *bytes.Buffer, step float64, points []point) {
	for v := 0.0; v <= a.top; v += step {
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#dddddd"/><text x="%d" y="%.1f" text-anchor="end" font-size="%d">%.0f</text>`+"\n",
			plotLeft, plotWidth-plotRight, a.y(v), a.y(v), plotLeft-6, a.y(v)+4, plotSmallFont, v)
	}
	for _, p := range points {
		fmt.Fprintf(b, `<text x="%.1f" y="%d" text-anchor="middle" font-size="%d">%d</text>`+"\n", a.x(p.positions), plotHeight-plotBottom+18, plotSmallFont, p.positions)
	}
}

// line draws one series with its name at the bottom.
func (a axes) line(b *bytes.Buffer, name string, points []point, i int) {
	colour := colours[name]
	fmt.Fprintf(b, `<polyline fill="none" stroke="%s" stroke-width="2" points="`, colour)
	for _, p := range points {
		fmt.Fprintf(b, "%.1f,%.1f ", a.x(p.positions), a.y(p.cost))
	}
	b.WriteString("\"/>\n")
	for _, p := range points {
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", a.x(p.positions), a.y(p.cost), colour)
	}
	x := plotLeft + i*190
	fmt.Fprintf(b, `<rect x="%d" y="%d" width="12" height="12" fill="%s"/><text x="%d" y="%d">%s</text>`+"\n", x, plotHeight-20, colour, x+18, plotHeight-10, name)
}

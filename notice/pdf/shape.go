package pdf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Point is a place on a page or in a drawing.
type Point struct{ X, Y float64 }

// Shape is an outline of lines and curves in units of its own.
type Shape struct {
	steps []step
}

// step goes to the last of its points: a move, a line or a curve.
type step struct {
	op     byte // m, l, c or h, as in PDF
	points [3]Point
}

var errPath = errors.New("the outline is not understood")

// ParseShape reads SVG path data of the commands M, L, H, V, C, S, Q and Z, absolute or
// relative.
func ParseShape(d string) (*Shape, error) {
	r := &pathReader{text: d, shape: &Shape{}}
	for {
		more, err := r.command()
		if err != nil {
			return nil, fmt.Errorf("%w at %d", err, len(d)-len(r.text))
		}
		if !more {
			return r.shape, nil
		}
	}
}

type pathReader struct {
	text        string
	shape       *Shape
	letter      byte
	at, control Point // control is the last curve's second control point
	begin       Point
	curved      bool
}

// counts is how many numbers each command takes.
var counts = map[byte]int{'M': 2, 'L': 2, 'H': 1, 'V': 1, 'C': 6, 'S': 4, 'Q': 4, 'Z': 0}

// command reads one, or one more of the same.
func (r *pathReader) command() (bool, error) {
	r.text = strings.TrimLeft(r.text, " \t\r\n,")
	if r.text == "" {
		return false, nil
	}
	c := r.text[0]
	if _, known := counts[c&^0x20]; known && (c >= 'A') {
		r.letter = c
		r.text = r.text[1:]
	} else if r.letter == 0 || r.letter&^0x20 == 'Z' {
		return false, errPath
	}
	upper := r.letter &^ 0x20
	var n [6]float64
	for i := range counts[upper] {
		var err error
		if n[i], err = r.number(); err != nil {
			return false, err
		}
	}
	r.take(upper, r.letter != upper, n)
	if upper == 'M' { // further pairs are lines
		r.letter = 'L' | r.letter&0x20
	}
	return true, nil
}

func (r *pathReader) take(letter byte, relative bool, n [6]float64) {
	var base Point
	if relative {
		base = r.at
	}
	point := func(i int) Point { return Point{base.X + n[i], base.Y + n[i+1]} }
	mirrored := r.at
	if r.curved {
		mirrored = Point{2*r.at.X - r.control.X, 2*r.at.Y - r.control.Y}
	}
	r.curved = false
	switch letter {
	case 'M':
		r.begin = point(0)
		r.go1('m', r.begin)
	case 'L':
		r.go1('l', point(0))
	case 'H':
		r.go1('l', Point{base.X + n[0], r.at.Y})
	case 'V':
		r.go1('l', Point{r.at.X, base.Y + n[0]})
	case 'C':
		r.curve(point(0), point(2), point(4))
	case 'S':
		r.curve(mirrored, point(0), point(2))
	case 'Q':
		q, end := point(0), point(2)
		r.curve(Point{r.at.X + 2*(q.X-r.at.X)/3, r.at.Y + 2*(q.Y-r.at.Y)/3}, Point{end.X + 2*(q.X-end.X)/3, end.Y + 2*(q.Y-end.Y)/3}, end)
	case 'Z':
		r.shape.steps = append(r.shape.steps, step{op: 'h'})
		r.at = r.begin
	}
}

func (r *pathReader) go1(op byte, to Point) {
	r.shape.steps = append(r.shape.steps, step{op, [3]Point{to}})
	r.at = to
}

func (r *pathReader) curve(a, b, to Point) {
	r.shape.steps = append(r.shape.steps, step{'c', [3]Point{a, b, to}})
	r.at, r.control, r.curved = to, b, true
}

func (r *pathReader) number() (float64, error) {
	r.text = strings.TrimLeft(r.text, " \t\r\n,")
	end, dot, exponent := 0, false, false
scan:
	for end < len(r.text) {
		switch c := r.text[end]; {
		case c >= '0' && c <= '9':
		case (c == '-' || c == '+') && (end == 0 || r.text[end-1]&^0x20 == 'E'):
		case c == '.' && !dot && !exponent:
			dot = true
		case c&^0x20 == 'E' && !exponent && end > 0:
			exponent = true
		default:
			break scan
		}
		end++
	}
	n, err := strconv.ParseFloat(r.text[:end], 64)
	if err != nil {
		return 0, errPath
	}
	r.text = r.text[end:]
	return n, nil
}

// Placing puts a drawing's units on the page: At is where its origin comes to lie,
// Scale how many millimetres a unit has.
type Placing struct {
	At    Point
	Scale float64
}

// Shape fills an outline; where parts overlap, as SVG does by default (non-zero), or,
// with holes, even-odd.
func (p *Page) Shape(in *Element, s *Shape, at Placing, c Colour, holes bool) {
	p.enter(in)
	p.colour(c)
	for _, st := range s.steps {
		count := map[byte]int{'m': 1, 'l': 1, 'c': 3}[st.op]
		for _, q := range st.points[:count] {
			x, y := at.At.X+q.X*at.Scale, at.At.Y+q.Y*at.Scale
			p.numbers(x*pointsPerMM, (PageHeight-y)*pointsPerMM)
			in.cover(p, x, y, 0, 0)
		}
		p.write(string(st.op) + "\n")
	}
	if holes {
		p.write("f*\n")
		return
	}
	p.write("f\n")
}

package main

import (
	"fmt"
	"strconv"
	"strings"
)

// The alphabet of an automaton: each ASCII character, the other decimal digits
// (\d of XML Schema means \p{Nd}), and all other characters.
const (
	symbolDigit = 128
	symbolOther = 129
	symbols     = 130
)

// symbolSet is a set of symbols.
type symbolSet [symbols]bool

func (s symbolSet) negated() symbolSet {
	for i := range s {
		s[i] = !s[i]
	}
	return s
}

func (s *symbolSet) add(t symbolSet) {
	for i := range t {
		s[i] = s[i] || t[i]
	}
}

// node is a node of an expression: a set of symbols, or a sequence of parts, or
// alternatives, or a repetition of one part.
type node struct {
	set         *symbolSet
	parts       []node
	alternative bool
	repeated    *node
	min, max    int // max -1: without end
}

// regexParser reads the regular expressions of XML Schema Part 2, appendix F,
// as far as contracts use them; it refuses the rest.
type regexParser struct {
	source string
	pos    int
}

func (p *regexParser) more() bool { return p.pos < len(p.source) }

func (p *regexParser) at(c byte) bool { return p.more() && p.source[p.pos] == c }

func (p *regexParser) fail(what string) error {
	return fmt.Errorf("pattern %q at %d: %s", p.source, p.pos, what)
}

// expression reads alternatives up to the end or a closing parenthesis.
func (p *regexParser) expression() (node, error) {
	out := node{alternative: true}
	for {
		branch := node{}
		for p.more() && !p.at('|') && !p.at(')') {
			piece, err := p.piece()
			if err != nil {
				return node{}, err
			}
			branch.parts = append(branch.parts, piece)
		}
		out.parts = append(out.parts, branch)
		if !p.at('|') {
			return out, nil
		}
		p.pos++
	}
}

// piece reads an atom with its quantifier.
func (p *regexParser) piece() (node, error) {
	atom, err := p.atom()
	if err != nil || !p.more() {
		return atom, err
	}
	repeat := node{repeated: &atom}
	switch p.source[p.pos] {
	case '?':
		repeat.max = 1
	case '*':
		repeat.max = -1
	case '+':
		repeat.min, repeat.max = 1, -1
	case '{':
		return p.counted(repeat)
	default:
		return atom, nil
	}
	p.pos++
	return repeat, nil
}

// counted reads {n}, {n,} or {n,m}.
func (p *regexParser) counted(repeat node) (node, error) {
	inside, _, ok := strings.Cut(p.source[p.pos+1:], "}")
	if !ok {
		return node{}, p.fail("quantifier not closed")
	}
	low, high, two := strings.Cut(inside, ",")
	var err error
	repeat.min, err = strconv.Atoi(low)
	repeat.max = repeat.min
	if err == nil && two {
		repeat.max = -1
		if high != "" {
			repeat.max, err = strconv.Atoi(high)
		}
	}
	if err != nil || repeat.max >= 0 && repeat.max < repeat.min || repeat.max > 250 {
		return node{}, p.fail("quantifier not understood")
	}
	p.pos += len(inside) + 2
	return repeat, nil
}

// atom reads one character, class or group.
func (p *regexParser) atom() (node, error) {
	c := p.source[p.pos]
	switch {
	case c == '(':
		p.pos++
		group, err := p.expression()
		if err != nil {
			return node{}, err
		}
		if !p.at(')') {
			return node{}, p.fail("group not closed")
		}
		p.pos++
		return group, nil
	case c == '[':
		return p.class()
	case c == '.':
		p.pos++
		set := symbolSet{'\n': true, '\r': true}.negated()
		return node{set: &set}, nil
	case c >= 128 || strings.IndexByte(`?*+{}])^$`, c) >= 0:
		return node{}, p.fail("character not understood")
	}
	set, _, err := p.single()
	return node{set: &set}, err
}

// single reads a literal or an escape; one tells whether it is a single
// character, which alone may stand in a range.
func (p *regexParser) single() (set symbolSet, one bool, err error) {
	c := p.source[p.pos]
	p.pos++
	if c >= 128 {
		return set, false, p.fail("only ASCII is understood")
	}
	if c != '\\' {
		set[c] = true
		return set, true, nil
	}
	if !p.more() {
		return set, false, p.fail("escape not closed")
	}
	c = p.source[p.pos]
	p.pos++
	digits, spaces := symbolSet{symbolDigit: true}, symbolSet{' ': true, '\t': true, '\n': true, '\r': true}
	for d := '0'; d <= '9'; d++ {
		digits[d] = true
	}
	switch c {
	case 'd':
		return digits, false, nil
	case 'D':
		return digits.negated(), false, nil
	case 's':
		return spaces, false, nil
	case 'S':
		return spaces.negated(), false, nil
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	default:
		if strings.IndexByte(`\|.-^?*+{}()[]`, c) < 0 {
			return set, false, p.fail("escape not understood")
		}
	}
	set[c] = true
	return set, true, nil
}

// class reads a character class in brackets.
func (p *regexParser) class() (node, error) {
	p.pos++
	negated := p.at('^')
	if negated {
		p.pos++
	}
	var all symbolSet
	first := p.pos
	for !p.at(']') || p.pos == first {
		if !p.more() || p.at('[') || p.at(']') {
			return node{}, p.fail("class not understood")
		}
		low := p.source[p.pos]
		set, one, err := p.single()
		if err != nil {
			return node{}, err
		}
		if p.at('-') && !strings.HasPrefix(p.source[p.pos:], "-]") {
			p.pos++
			if !one || low == '\\' || !p.more() || p.at('\\') || p.at('[') || p.source[p.pos] >= 128 || p.source[p.pos] < low {
				return node{}, p.fail("range not understood")
			}
			for c := low; c <= p.source[p.pos]; c++ {
				set[c] = true
			}
			p.pos++
		}
		all.add(set)
	}
	p.pos++
	if negated {
		all = all.negated()
	}
	return node{set: &all}, nil
}

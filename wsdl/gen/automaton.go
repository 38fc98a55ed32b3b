package main

import (
	"fmt"
	"slices"
	"strings"
)

// automaton is a compiled pattern: state 0 refuses for good, the states from
// accept on accept.
type automaton struct {
	class  [symbols]int // class of each symbol
	width  int          // number of classes
	next   [][]int      // state, class -> state
	start  int
	accept int
}

// compile turns a pattern into the smallest automaton.
func compile(source string) (*automaton, error) {
	p := &regexParser{source: source}
	tree, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.more() {
		return nil, p.fail("unexpected )")
	}
	n := new(network)
	end := n.state()
	start := n.build(tree, end)
	class, example := n.classes()
	states := n.determine(start, end, example)
	if len(states) > mostStates {
		return nil, fmt.Errorf("pattern %q needs too many states", source)
	}
	a := number(states, minimize(states))
	if len(a.next) > 256 {
		return nil, fmt.Errorf("pattern %q needs %d states, 256 are possible", source, len(a.next))
	}
	a.class, a.width = class, len(example)
	return a, nil
}

// mostStates bounds the work on a hostile pattern.
const mostStates = 2048

// network is a nondeterministic automaton, built from its end.
type network struct {
	free [][]int      // state -> states reached without a symbol
	set  []*symbolSet // symbols that lead on, or nil
	to   []int        // where they lead
}

func (n *network) state(free ...int) int {
	n.free = append(n.free, free)
	n.set = append(n.set, nil)
	n.to = append(n.to, 0)
	return len(n.free) - 1
}

// build returns the state from which t leads to next.
func (n *network) build(t node, next int) int {
	switch {
	case t.set != nil:
		s := n.state()
		n.set[s], n.to[s] = t.set, next
		return s
	case t.repeated != nil:
		return n.repeat(t, next)
	case t.alternative:
		var free []int
		for _, part := range t.parts {
			free = append(free, n.build(part, next))
		}
		return n.state(free...)
	}
	for _, part := range slices.Backward(t.parts) {
		next = n.build(part, next)
	}
	return next
}

// repeat builds {min,max} as that many copies.
func (n *network) repeat(t node, next int) int {
	if t.max < 0 {
		loop := n.state(next)
		n.free[loop] = append(n.free[loop], n.build(*t.repeated, loop))
		next = loop
	} else {
		last := next
		for range t.max - t.min {
			next = n.state(last, n.build(*t.repeated, next))
		}
	}
	for range t.min {
		next = n.build(*t.repeated, next)
	}
	return next
}

// closure returns the sorted states reached from some without a symbol.
func (n *network) closure(from []int) []int {
	reached := slices.Clone(from)
	for i := 0; i < len(reached); i++ {
		for _, s := range n.free[reached[i]] {
			if !slices.Contains(reached, s) {
				reached = append(reached, s)
			}
		}
	}
	slices.Sort(reached)
	return slices.Compact(reached)
}

// classes numbers the symbols so that those which no set tells apart are one
// class; it returns the class of each symbol and a symbol of each class.
func (n *network) classes() (class [symbols]int, example []int) {
	index := map[string]int{}
	for symbol := range symbols {
		var key strings.Builder
		for _, set := range n.set {
			if set != nil {
				fmt.Fprintf(&key, "%t ", set[symbol])
			}
		}
		c, known := index[key.String()]
		if !known {
			c = len(example)
			index[key.String()] = c
			example = append(example, symbol)
		}
		class[symbol] = c
	}
	return class, example
}

// subset is a deterministic state; next is by class.
type subset struct {
	next    []int
	accepts bool
}

// determine builds the deterministic states; 0 is the dead one, 1 the start.
func (n *network) determine(start, end int, example []int) []subset {
	sets := [][]int{nil, n.closure([]int{start})}
	index := map[string]int{fmt.Sprint(sets[0]): 0, fmt.Sprint(sets[1]): 1}
	var states []subset
	for i := 0; i < len(sets) && i <= mostStates; i++ {
		states = append(states, subset{accepts: slices.Contains(sets[i], end)})
		for _, symbol := range example {
			var to []int
			for _, s := range sets[i] {
				if n.set[s] != nil && n.set[s][symbol] {
					to = append(to, n.to[s])
				}
			}
			to = n.closure(to)
			key := fmt.Sprint(to)
			j, known := index[key]
			if !known {
				j = len(sets)
				index[key] = j
				sets = append(sets, to)
			}
			states[i].next = append(states[i].next, j)
		}
	}
	return states
}

// minimize returns a group for each state; nothing tells the states of one
// group apart (Moore's algorithm).
func minimize(states []subset) []int {
	group := make([]int, len(states))
	for i, s := range states {
		if s.accepts {
			group[i] = 1
		}
	}
	for count := 0; ; {
		index := map[string]int{}
		refined := make([]int, len(states))
		for i, s := range states {
			key := []int{group[i]}
			for _, to := range s.next {
				key = append(key, group[to])
			}
			text := fmt.Sprint(key)
			if _, known := index[text]; !known {
				index[text] = len(index)
			}
			refined[i] = index[text]
		}
		group = refined
		if len(index) == count {
			return group
		}
		count = len(index)
	}
}

// number gives the merged states their final numbers: dead first, accepting last.
func number(states []subset, group []int) *automaton {
	var order []int // representatives
	seen := map[int]bool{}
	for _, accepting := range []bool{false, true} {
		for i, s := range states {
			if s.accepts == accepting && !seen[group[i]] {
				seen[group[i]] = true
				order = append(order, i)
			}
		}
	}
	final := map[int]int{}
	a := &automaton{accept: len(order)}
	for i, representative := range order {
		final[group[representative]] = i
		if states[representative].accepts {
			a.accept = min(a.accept, i)
		}
	}
	a.start = final[group[1]]
	for _, representative := range order {
		var row []int
		for _, to := range states[representative].next {
			row = append(row, final[group[to]])
		}
		a.next = append(a.next, row)
	}
	return a
}

// match runs the automaton, for the generator's own tests.
func (a *automaton) match(s string) bool {
	state := a.start
	for _, c := range s {
		symbol := int(c)
		if c >= 128 {
			symbol = symbolOther
		}
		state = a.next[state][a.class[symbol]]
	}
	return state >= a.accept
}

package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Difference is one place where two contracts do not say the same.
type Difference struct {
	Component string // kind and name
	Property  string // empty where one side has no such component
	Ours      string
	Theirs    string
}

func (d Difference) String() string {
	if d.Property == "" {
		return fmt.Sprintf("%s: ours %s, theirs %s", d.Component, d.Ours, d.Theirs)
	}
	return fmt.Sprintf("%s: %s: ours %s, theirs %s", d.Component, d.Property, d.Ours, d.Theirs)
}

const (
	absent   = "absent"
	declared = "declared"
)

// Diff compares two contracts. The differences stand in the order of ours,
// then come the components that only theirs has. Where two lists of members
// differ, only the first place is named: what follows it has merely moved.
func Diff(ours, theirs []Component) []Difference {
	counterpart := map[string]Component{}
	for _, c := range theirs {
		counterpart[c.String()] = c
	}
	var out []Difference
	known := map[string]bool{}
	for _, c := range ours {
		key := c.String()
		known[key] = true
		other, found := counterpart[key]
		if !found {
			out = append(out, Difference{Component: key, Ours: declared, Theirs: absent})
			continue
		}
		out = append(out, diffComponent(c, other)...)
	}
	for _, c := range theirs {
		if !known[c.String()] {
			out = append(out, Difference{Component: c.String(), Ours: absent, Theirs: declared})
		}
	}
	return out
}

// diffComponent compares two components of one name. What is said about an
// element that one side lacks goes unmentioned: the list of members tells.
func diffComponent(ours, theirs Component) []Difference {
	var out []Difference
	for _, p := range append(slices.Clone(ours.Properties), theirs.Properties...) {
		a, inOurs := ours.find(p.Of, p.Name)
		b, inTheirs := theirs.find(p.Of, p.Name)
		_, shared := ours.find(p.Of, "")
		if shared {
			_, shared = theirs.find(p.Of, "")
		}
		d := Difference{Component: ours.String(), Property: ours.title(p)}
		switch {
		case !shared:
			continue
		case p.Name == "":
			i := firstDifference(a, b)
			if i < 0 {
				continue
			}
			d.Property += ", position " + strconv.Itoa(i+1)
			d.Ours, d.Theirs = member(a, i), member(b, i)
		default:
			if inOurs == inTheirs && slices.Equal(sorted(a), sorted(b)) {
				continue
			}
			d.Ours, d.Theirs = show(a), show(b)
		}
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// firstDifference returns the first place at which two lists differ, or -1.
func firstDifference(a, b []string) int {
	for i := range max(len(a), len(b)) {
		if member(a, i) != member(b, i) {
			return i
		}
	}
	return -1
}

// member returns what stands at one place of a list.
func member(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return absent
}

// sorted returns the values without their order: a type with two patterns or
// some enumerations accepts the same texts in whatever order they are written.
func sorted(values []string) []string { return slices.Sorted(slices.Values(values)) }

// show writes the values of a property for a reader, quoted where their end
// could not be seen.
func show(values []string) string {
	if len(values) == 0 {
		return absent
	}
	var out []string
	for _, v := range values {
		if v == "" || v != strings.TrimSpace(v) || strings.Contains(v, ", ") {
			v = strconv.Quote(v)
		}
		out = append(out, v)
	}
	return strings.Join(out, ", ")
}

package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/beevik/etree"
	"github.com/hooklift/gowsdl"
)

// amountPattern is the only form of decimal that int64 cents can hold.
const amountPattern = `\d+\.\d{2}`

// readFacets copies gowsdl's facets after checking that it has read as many as
// the tree holds (it keeps one pattern, and cannot tell a missing facet from an
// empty one).
func readFacets(model gowsdl.XSDRestriction, tree *etree.Element) (facets, error) {
	f := facets{
		pattern:      model.Pattern.Value,
		length:       model.Length.Value,
		minLength:    model.MinLength.Value,
		maxLength:    model.MaxLength.Value,
		minInclusive: model.MinInclusive.Value,
		maxInclusive: model.MaxInclusive.Value,
	}
	read := len(model.Enumeration)
	for _, value := range []string{f.pattern, f.length, f.minLength, f.maxLength, f.minInclusive, f.maxInclusive} {
		if value != "" {
			read++
		}
	}
	for _, e := range model.Enumeration {
		f.enumeration = append(f.enumeration, e.Value)
	}
	written := 0
	for _, child := range tree.ChildElements() {
		if child.Tag != "annotation" {
			written++
		}
	}
	if read != written {
		return facets{}, fmt.Errorf("%d facets written, %d read", written, read)
	}
	return f, nil
}

// checkFacets compiles the pattern and refuses facets that the emitted code could
// not honour.
func checkFacets(s *simpleType) error {
	f := s.facets
	lengths := f.length != "" || f.minLength != "" || f.maxLength != ""
	bounds := f.minInclusive != "" || f.maxInclusive != ""
	var wrong bool
	switch s.kind {
	case kindText:
		wrong = bounds
	case kindBase64: // its length facets count octets, not characters
		wrong = bounds || lengths || len(f.enumeration) > 0
	case kindInt:
		wrong = bounds || lengths || f.pattern != ""
	case kindCents:
		wrong = lengths || len(f.enumeration) > 0 || f.pattern != amountPattern || f.maxInclusive == ""
	default:
		wrong = bounds || lengths || f.pattern != "" || len(f.enumeration) > 0
	}
	if wrong {
		return errors.New("a facet is not understood for this base")
	}
	for _, value := range []string{f.length, f.minLength, f.maxLength} {
		if value != "" && strings.Trim(value, "0123456789") != "" {
			return errors.New("length is no number")
		}
	}
	if s.kind == kindInt {
		for _, value := range f.enumeration {
			_, err := strconv.ParseInt(value, 10, 32)
			if err != nil {
				return fmt.Errorf("enumeration of %s: %w", s.name.local, err)
			}
		}
	}
	for _, value := range []string{f.minInclusive, f.maxInclusive} {
		_, err := cents(value)
		if value != "" && err != nil {
			return err
		}
	}
	if f.pattern != "" && s.kind != kindCents {
		var err error
		s.match, err = compile(f.pattern)
		return err
	}
	return nil
}

// cents reads a bound of an amount.
func cents(value string) (int64, error) {
	whole, fraction, _ := strings.Cut(value, ".")
	if len(fraction) > 2 {
		return 0, fmt.Errorf("bound %q is no whole number of cents", value)
	}
	return strconv.ParseInt(whole+fraction+strings.Repeat("0", 2-len(fraction)), 10, 64)
}

// checkNames refuses Go names that would stand for two things.
func checkNames(c *contract) error {
	seen := map[string]string{}
	take := func(goName, label string) error {
		if have, taken := seen[goName]; taken && have != label {
			return fmt.Errorf("%s and %s would both be %s", have, label, goName)
		}
		seen[goName] = label
		return nil
	}
	var errs []error
	for _, s := range c.simple {
		errs = append(errs, take(s.goName, s.label))
		for _, value := range s.facets.enumeration {
			errs = append(errs, take(constantName(s, value), s.label+" "+value))
		}
	}
	for _, t := range c.complex {
		errs = append(errs, take(t.goName, t.label), checkSequence(t))
	}
	return errors.Join(errs...)
}

// checkSequence refuses sequences beyond what the decoder keeps count of.
func checkSequence(t *complexType) error {
	lists, choices := 0, 0
	var fields []string
	for _, p := range t.all() {
		if p.max > 1 {
			lists++
		}
		if p.choice != nil {
			choices++
		}
		for _, alternative := range p.choice {
			if slices.Contains(fields, alternative.name) {
				return fmt.Errorf("%s: element %s twice", t.label, alternative.name)
			}
			fields = append(fields, alternative.name)
		}
		if slices.Contains(fields, p.goName) {
			return fmt.Errorf("%s: field %s twice", t.label, p.goName)
		}
		fields = append(fields, p.goName)
	}
	if lists > 1 || choices > 1 || len(t.all()) > 64 {
		return fmt.Errorf("%s: more than one list, one choice or 64 elements", t.label)
	}
	return nil
}

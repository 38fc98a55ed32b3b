package nodesim

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A facet judges the text of one element as the XSD's simple type does.
type facet func(text string) error

var (
	dateForm     = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?$`)
	dateTimeForm = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?)(Z|[+-][0-9]{2}:[0-9]{2})?$`)
	emailForm    = regexp.MustCompile(`^[a-zA-Z0-9_.+\-]+@[a-zA-Z0-9\-]+(\.[a-zA-Z0-9\-]+)*$`)
)

// anyText is xs:string without facets.
func anyText(string) error { return nil }

// text is a string of 1 to most code points; the XSD counts code points, neither bytes nor UTF-16 units (soap-node §2.1).
func text(least, most int) facet {
	return func(s string) error {
		n := utf8.RuneCountInString(s)
		if n < least || n > most {
			return fmt.Errorf("has %d characters, want %d to %d", n, least, most)
		}
		return nil
	}
}

// pattern is a string that must match a whole expression.
func pattern(expression string) facet {
	form := regexp.MustCompile(`^(?:` + expression + `)$`)
	return func(s string) error {
		if !form.MatchString(s) {
			return fmt.Errorf("is %q, want %s", s, expression)
		}
		return nil
	}
}

// oneOf is an enumeration.
func oneOf(values ...string) facet {
	return func(s string) error {
		if !slices.Contains(values, s) {
			return fmt.Errorf("is %q, want one of %s", s, strings.Join(values, ", "))
		}
		return nil
	}
}

// amount is XSD stAmountNotZero: every amount an answer carries is of this type.
func amount(s string) error {
	c, err := ParseCents(collapse(s))
	if err != nil {
		return err
	}
	if c == 0 {
		return errors.New("is zero, and the contract wants at least 0.01")
	}
	return nil
}

// boolean is xs:boolean: four spellings and no others.
func boolean(s string) error { return oneOf("true", "false", "1", "0")(collapse(s)) }

// isTrue reads an xs:boolean already judged.
func isTrue(s string) bool {
	s = collapse(s)
	return s == "true" || s == "1"
}

// date is xs:date, with or without offset.
func date(s string) error { return moment(s, dateForm, time.DateOnly) }

// dateTime is xs:dateTime; seconds are not optional.
func dateTime(s string) error { return moment(s, dateTimeForm, "2006-01-02T15:04:05.999999999") }

func moment(s string, form *regexp.Regexp, layout string) error {
	parts := form.FindStringSubmatch(collapse(s))
	if parts == nil {
		return fmt.Errorf("is %q, want the form %s", s, layout)
	}
	_, err := time.Parse(layout, parts[1])
	if err != nil {
		return fmt.Errorf("is %q, which is not in the calendar", s)
	}
	offset := strings.TrimLeft(parts[2], "+-")
	if offset != "" && offset != "Z" && (offset > "14:00" || offset[3:] > "59") {
		return fmt.Errorf("is %q, whose offset does not exist", s)
	}
	return nil
}

// email is XSD stEMail.
func email(s string) error {
	if !emailForm.MatchString(s) || utf8.RuneCountInString(s) > 256 {
		return fmt.Errorf("is %q, which stEMail does not accept", s)
	}
	return nil
}

// integer is xs:int.
func integer(s string) error {
	_, err := strconv.ParseInt(strings.TrimPrefix(collapse(s), "+"), 10, 32)
	if err != nil {
		return fmt.Errorf("is %q, want an integer", s)
	}
	return nil
}

// idTransfer is XSD stIdTransfer: the numbers 1 to 5.
func idTransfer(s string) error {
	n, err := strconv.Atoi(collapse(s))
	if err != nil || n < 1 || n > 5 {
		return fmt.Errorf("is %q, want 1 to 5", s)
	}
	return nil
}

// stampHash is XSD stBase64Binary72. A hash encoded twice passes here as it passes the node (soap-node §2.3).
func stampHash(s string) error {
	s = collapse(s)
	if len(s) < 4 || len(s) > 72 {
		return fmt.Errorf("has %d characters, want 4 to 72", len(s))
	}
	_, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		return errors.New("is not base64")
	}
	return nil
}

// collapse is the white space rule of every XSD type that is not a string.
func collapse(s string) string { return strings.Join(strings.FieldsFunc(s, isXMLSpace), " ") }

func isXMLSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

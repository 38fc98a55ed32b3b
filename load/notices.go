package load

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Notices are the notice numbers to ask for.
type Notices struct {
	Count int
	At    func(i int) string // 0 <= i < Count
}

// Series are the count notice numbers from first on, each with its check digits
// (notices.md §1.1): those of a series of uploads.
func Series(first string, count int) (Notices, error) {
	value, err := strconv.ParseInt(first, 10, 64)
	if err != nil || len(first) != 18 || first[0] > '3' || value < 0 {
		return Notices{}, fmt.Errorf("notice number %q: want 18 digits that begin with 0, 1, 2 or 3", first)
	}
	if count < 1 {
		return Notices{}, fmt.Errorf("%d notices: want at least 1", count)
	}
	counted, checked := int64(1e13), true // digits that count, and whether two check digits follow them
	switch first[0] {
	case '1':
		counted, checked = 1e17, false
	case '2':
		counted = 1e15
	}
	head := value
	if checked {
		head /= 100
	}
	if number(head, checked) != first {
		return Notices{}, fmt.Errorf("notice number %s: its check digits are wrong", first)
	}
	if head%counted+int64(count) > counted {
		return Notices{}, fmt.Errorf("there are no %d notice numbers from %s on", count, first)
	}
	return Notices{count, func(i int) string { return number(head+int64(i), checked) }}, nil
}

// number writes a notice number from its digits before the check digits.
func number(head int64, checked bool) string {
	if checked {
		head = head*100 + head%93
	}
	var digits [18]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + head%10)
		head /= 10
	}
	return string(digits[:])
}

// ReadNotices reads notice numbers, one a line.
func ReadNotices(r io.Reader) (Notices, error) {
	var list []string
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		nav := strings.TrimSpace(lines.Text())
		if nav == "" {
			continue
		}
		if len(nav) != 18 || strings.Trim(nav, "0123456789") != "" {
			return Notices{}, fmt.Errorf("line %d: %q is no notice number of 18 digits", len(list)+1, nav)
		}
		list = append(list, nav)
	}
	if err := lines.Err(); err != nil {
		return Notices{}, fmt.Errorf("cannot read notice numbers: %w", err)
	}
	if len(list) == 0 {
		return Notices{}, fmt.Errorf("there are no notice numbers")
	}
	return Notices{len(list), func(i int) string { return list[i] }}, nil
}

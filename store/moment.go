package store

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// momentLayout is fixed width, so that comparing texts compares instants.
const momentLayout = "2006-01-02T15:04:05.000000Z"

// moment is a time in a column: UTC, microseconds, NULL for the zero time.
type moment struct{ time.Time }

// at makes a time a parameter or the target of a scan.
func at(t time.Time) moment { return moment{t} }

// Value refuses the years that would need another width.
func (m moment) Value() (driver.Value, error) {
	if m.IsZero() {
		return nil, nil
	}
	utc := m.UTC()
	if utc.Year() < 0 || utc.Year() > 9999 {
		return nil, fmt.Errorf("cannot store a time of year %d", utc.Year())
	}
	return utc.Format(momentLayout), nil
}

// Scan accepts only what Value writes.
func (m *moment) Scan(value any) error {
	if value == nil {
		m.Time = time.Time{}
		return nil
	}
	text, ok := value.(string)
	if !ok || len(text) != len(momentLayout) {
		return corrupt("a time is not in the store's form")
	}
	parsed, err := time.Parse(momentLayout, text)
	if err != nil {
		return corrupt("a time is not in the store's form")
	}
	m.Time = parsed
	return nil
}

// target scans a column into a time.
type target struct{ to *time.Time }

func into(t *time.Time) *target { return &target{t} }

// Scan is moment's.
func (t *target) Scan(value any) error {
	var m moment
	if err := m.Scan(value); err != nil {
		return err
	}
	*t.to = m.Time
	return nil
}

package api

import (
	"fmt"
	"regexp"
	"time"
)

// localTime is a moment as GPD writes it: UTC wall-clock without zone, seconds
// always, a fraction of three or six digits only when there is one, as Java's
// LocalDateTime prints it (gpd-api.md §1.6).
type localTime time.Time

// MarshalJSON writes the moment.
func (t localTime) MarshalJSON() ([]byte, error) {
	return []byte(`"` + t.String() + `"`), nil
}

// String writes the moment without quotes.
func (t localTime) String() string {
	at := time.Time(t).UTC()
	layout := "2006-01-02T15:04:05.000000"
	switch micros := at.Nanosecond() / 1000; {
	case micros == 0:
		layout = "2006-01-02T15:04:05"
	case micros%1000 == 0:
		layout = "2006-01-02T15:04:05.000"
	}
	return at.Format(layout)
}

// localTimeOf gives nil, JSON's null, for the zero time.
func localTimeOf(at time.Time) *localTime {
	if at.IsZero() {
		return nil
	}
	t := localTime(at)
	return &t
}

// dateTimeForm is stricter than time.Parse, which takes a comma for a point. A
// trailing Z or an offset is more than GPD reads (gpd-api.md §1.6).
var dateTimeForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$`)

// The years that can be written in four digits whatever is done to them, and
// that are no zero time.
const (
	firstYear = 1900
	lastYear  = 9998
)

var errDateTime = fmt.Errorf("must be a date-time such as 2026-12-31T22:59:59, between the years %d and %d", firstYear, lastYear)

// parseDateTime reads one of GPD's date-times, to the microsecond. A bare date
// is refused: its time of day would be a guess.
func parseDateTime(s string) (time.Time, error) {
	if !dateTimeForm.MatchString(s) {
		return time.Time{}, errDateTime
	}
	layout := "2006-01-02T15:04"
	if len(s) > len(layout) && s[len(layout)] == ':' {
		layout += ":05"
	}
	at, err := time.Parse(layout+"Z07:00", s)
	if err != nil {
		at, err = time.Parse(layout, s)
	}
	at = at.UTC().Truncate(time.Microsecond)
	if err != nil || at.Year() < firstYear || at.Year() > lastYear {
		return time.Time{}, errDateTime
	}
	return at, nil
}

// parseDay reads a day of the list's filters, at its first moment in UTC.
func parseDay(s string) (time.Time, error) {
	at, err := time.Parse(time.DateOnly, s)
	if err != nil || at.Year() < firstYear || at.Year() > lastYear {
		return time.Time{}, fmt.Errorf("must be a date such as 2026-12-31")
	}
	return at, nil
}

// endOfDay is the last moment of the day that can be stored.
func endOfDay(day time.Time) time.Time {
	return day.AddDate(0, 0, 1).Add(-time.Microsecond)
}

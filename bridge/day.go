package bridge

import (
	"time"
	_ "time/tzdata" // the norm's calendar is Italy's, whatever the machine has installed
)

// Day is a calendar day in Italy written as XSD stISODate, "2026-12-31", never
// with an offset: one would shift the due day for a reader in UTC
// (soap-node.md §5 pitfall 6).
type Day string

// rome is the zone in which the norm counts days. The database is linked in, so
// loading it cannot fail.
var rome = mustLoad("Europe/Rome")

func mustLoad(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic("cannot load time zone " + name + ": " + err.Error())
	}
	return zone
}

// Rome is that zone, for the few interfaces whose days are Italy's.
func Rome() *time.Location { return rome }

// DayOf is the Italian calendar day of an instant; "" for the zero time.
func DayOf(at time.Time) Day {
	if at.IsZero() {
		return ""
	}
	return Day(at.In(rome).Format(time.DateOnly))
}

// farDay stands for "no due date" in an activation, where the wire demands one
// (soap-node.md §2.3 dueDate; §6 G16: a valid far date, the same in repeated calls).
const farDay Day = "2099-12-31"

// ParseWireTime reads the dateTime of a receipt: with a zone, or naive and then
// Italian (soap-node.md §5 pitfall 7). Absent or unreadable gives the zero time;
// the receipt keeps the text itself.
func ParseWireTime(s string) time.Time {
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return at.UTC()
	}
	if at, err := time.ParseInLocation("2006-01-02T15:04:05.999999999", s, rome); err == nil {
		return at.UTC()
	}
	return time.Time{}
}

package api

import "time"

// instant is a moment as our own operations write it: RFC 3339 in UTC, with a Z.
type instant time.Time

// MarshalJSON writes the moment.
func (t instant) MarshalJSON() ([]byte, error) {
	return []byte(`"` + time.Time(t).UTC().Format(time.RFC3339Nano) + `"`), nil
}

func instantOf(at time.Time) *instant {
	if at.IsZero() {
		return nil
	}
	t := instant(at)
	return &t
}

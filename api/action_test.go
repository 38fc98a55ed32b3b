package api_test

import (
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/internal/testkit"
)

const published = `"2026-11-23T12:00:00"`

// TestPublish is rows C12 to C17.
func TestPublish(t *testing.T) {
	t.Parallel()
	tests := []struct {
		id     string
		body   string
		after  time.Duration
		twice  bool
		status int
		answer string
	}{
		{"C12", minimal, 0, false, 200, edited(minimalAnswer, "status", "VALID", "validityDate", "2026-11-23T12:00:00")},
		{"C13", edited(minimal, "validityDate", "2026-11-24T12:00:00"), 0, false, 200, edited(minimalAnswer, "status", "PUBLISHED", "validityDate", "2026-11-24T12:00:00")},
		{"C14", minimal, 0, true, 409, problem(409, "Existing related payment found or not in publishable state", "the debt position is VALID, not DRAFT")},
		{"C15", minimal, 60 * 24 * time.Hour, false, 409, problem(409, "Publish request occurred after the due date of a payment options has expired", "payment option 47000000000000012 was due on 2026-12-31T22:59:59")},
		{"C16", edited(minimal, "validityDate", "2026-11-24T12:00:00"), 48 * time.Hour, false, 409, problem(409, "Publish request occurred after the validity date began", "the validity began on 2026-11-24T12:00:00")},
		{"C17", edited(minimal, "iupd", "another"), 0, false, 404, unknown("77777777777-0001")},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, api.Limits{})
			s.created(ours, tt.body)
			s.clock.Set(testkit.Noon.Add(tt.after))
			if tt.twice {
				s.do(post(one+"/publish", ""))
			}
			s.want(post(one+"/publish", ""), tt.status, tt.answer)
		})
	}
}

// TestPublish_ShowsInTheRead: publishDate and status, and that time moves them.
func TestPublish_ShowsInTheRead(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ours, edited(minimal, "validityDate", "2026-11-24T12:00:00", "switchToExpired", true))
	s.do(post(one+"/publish", ""))
	for _, moment := range []struct {
		after  time.Duration
		status string
	}{{0, "PUBLISHED"}, {24 * time.Hour, "VALID"}, {60 * 24 * time.Hour, "EXPIRED"}} {
		s.clock.Set(testkit.Noon.Add(moment.after))
		s.want(get(one), 200, edited(minimalView, "status", moment.status, "publishDate", object(published), "validityDate", "2026-11-24T12:00:00"))
	}
}

// TestDelete is rows C21 and C22; a paid position is in TestRead_PaidPosition.
func TestDelete(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.want(remove(one), 404, unknown("77777777777-0001"))
	s.created(ours, minimal)
	s.want(remove(one), 200, `"The debt position was successfully deleted"`)
	s.want(get(one), 404, unknown("77777777777-0001"))
	s.want(remove(one), 404, unknown("77777777777-0001"))
	s.want(post(ours, minimal), 201, minimalAnswer)
}

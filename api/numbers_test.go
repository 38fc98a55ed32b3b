package api_test

import (
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

// TestReserveNumbers: the numbers asked for, the same again under the same
// Idempotency-Key, a trace in the journal; a position takes one.
func TestReserveNumbers(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	ask := post(own+"/numbers", `{"segregationCode":"47","count":3}`).with("Idempotency-Key", "k")
	first := s.do(ask)
	numbers := object(first.body).(map[string]any)["numbers"].([]any)
	if again := s.do(ask); first.status != 201 || len(numbers) != 3 || again.body != first.body {
		t.Fatalf("%d %s, again %s", first.status, first.body, again.body)
	}
	number := numbers[0].(map[string]any)
	nav, err := bridge.ParseNoticeNumber(number["nav"].(string))
	if err != nil || !strings.HasPrefix(string(nav), "347") || number["iuv"] != string(nav.IUV()) {
		t.Errorf("%v %v", number, err)
	}
	if one := s.do(post(own+"/numbers", `{"segregationCode":"47"}`)); one.status != 201 || strings.Count(one.body, "nav") != 1 || strings.Contains(one.body, string(nav)) {
		t.Errorf("%d %s", one.status, one.body)
	}
	s.created(ours, edited(minimal, option0+"iuv", string(nav.IUV())))
	records, err := s.service.TouchedBy(t.Context(), strings.Split(s.key, "_")[1], testkit.Noon, testkit.Noon.Add(time.Hour))
	if err != nil || len(records) == 0 || records[0].Action != "numbers.reserve" || records[0].Detail != "3 numbers" {
		t.Errorf("%+v %v", records, err)
	}
	for body, words := range map[string]string{
		`{"segregationCode":"47","count":0}`: "count: must be between 1 and 1000", `{"count":9223372036854775807}`: "count: must be between 1 and 1000, segregationCode: must be two digits",
		`{"segregationCode":"47","many":1}`: "many: is no member",
	} {
		if got := s.do(post(own+"/numbers", body)); got.status != 400 || !strings.Contains(got.body, words) {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
}

package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

const ownWebhooks = own + "/webhooks"

func newHookStation(t *testing.T) *station {
	t.Helper()
	return newStationWith(t, api.Config{CheckURL: func(_ context.Context, url string) error {
		if !strings.HasPrefix(url, "https://example.org/") {
			return errors.New("must be somewhere else")
		}
		return nil
	}})
}

// TestWebhooks: made with a secret that is told once, listed, and deleted, by who may.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	s := newHookStation(t)
	made := s.do(post(ownWebhooks, `{"url":"https://example.org/hook","types":["receipt.received"]}`))
	hook := object(made.body).(map[string]any)
	id := fmt.Sprint(hook["id"])
	if made.status != http.StatusCreated || !strings.HasPrefix(hook["secret"].(string), "nbwh_") || len(hook["secret"].(string)) != 48 {
		t.Fatalf("%d %s", made.status, made.body)
	}
	s.want(get(ownWebhooks), 200, `{"webhooks":[{"id":"`+id+`","url":"https://example.org/hook","types":["receipt.received"],"createdAt":"2026-11-23T12:00:00Z","cursor":`+fmt.Sprint(hook["cursor"])+`,
		"deliveredAt":null,"attempts":0,"nextTryAt":null}]}`)
	for body, detail := range map[string]string{
		`{}`:                           "url: must be an address of at most 2048 characters",
		`{"url":"https://127.0.0.1/"}`: "url: must be somewhere else",
		`{"url":1}`:                    "url: must be a string",
		`{"url":"https://example.org/h","types":["x"]}`:                 "types: must be types of events",
		`{"url":"https://example.org/h","type":["receipt.received"]}`:   "type: is no member of a webhook",
		`{"url":"https://example.org/h","url":"https://example.org/h"}`: "url: is given twice",
	} {
		if got := s.do(post(ownWebhooks, body)); got.status != http.StatusBadRequest || !strings.Contains(got.body, detail) {
			t.Errorf("%s: %d %s", body, got.status, got.body)
		}
	}
	// A key makes no webhook that is told what the key may not read.
	writer := s.newKeyOf(bridge.Key{Name: "writer", ECs: []bridge.ECBinding{{EC: ourEC, Segregations: []string{"48"}}}, Scopes: []bridge.Scope{bridge.PositionsWrite, bridge.PositionsRead}})
	s.want(post(ownWebhooks, `{"url":"https://example.org/w","types":["receipt.received"]}`).with(keyHeader, writer), 403, gateway403)
	own := s.do(post(ownWebhooks, `{"url":"https://example.org/w"}`).with(keyHeader, writer))
	if own.status != http.StatusCreated || strings.Contains(own.body, "receipt.") || !strings.Contains(own.body, "position.created") {
		t.Errorf("%d %s", own.status, own.body)
	}
	if got := column(s.members(get(ownWebhooks).with(keyHeader, writer)), "webhooks", "url"); got != "https://example.org/w" {
		t.Errorf("a key of code 48 sees %s", got)
	}
	gone := problem(404, "Not found the webhook", "organization 77777777777 has no webhook "+id)
	s.want(remove(ownWebhooks+"/"+id).with(keyHeader, writer), 404, gone)
	s.want(get(ownWebhooks+"/"+id+"/failures"), 200, `{"failures":[],"next":0,"more":false}`)
	if got := s.do(remove(ownWebhooks + "/" + id)); got.status != http.StatusNoContent {
		t.Errorf("%d %s", got.status, got.body)
	}
	s.want(remove(ownWebhooks+"/"+id), 404, gone)
	for range 9 {
		s.created(ownWebhooks, `{"url":"https://example.org/hook"}`)
	}
	s.want(post(ownWebhooks, `{"url":"https://example.org/hook"}`), 409, problem(409, "There are too many webhooks", "organization 77777777777 has 10 webhooks, more are not allowed"))
}

// TestWebhooks_Resend: dead letters are listed and asked for again.
func TestWebhooks_Resend(t *testing.T) {
	t.Parallel()
	s := newHookStation(t)
	id := fmt.Sprint(object(s.do(post(ownWebhooks, `{"url":"https://example.org/hook"}`)).body).(map[string]any)["id"])
	s.created(ours, minimal)
	s.clock.Set(testkit.Noon.Add(73 * 3600e9))
	list, err := s.service.NextDispatches(t.Context(), id, 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	if err := s.service.RecordDelivery(t.Context(), bridge.Delivered{Dispatch: list[0], Status: 500, Failure: "it answered HTTP 500"}); err != nil {
		t.Fatal(err)
	}
	event := fmt.Sprint(list[0].Event.ID)
	s.want(get(ownWebhooks+"/"+id+"/failures"), 200, `{"failures":[{"eventId":`+event+`,"failedAt":"2026-11-26T13:00:00Z","status":500,"reason":"it answered HTTP 500"}],"next":`+event+`,"more":false}`)
	s.want(post(ownWebhooks+"/"+id+"/resend", `{"events":[1]}`), 404, problem(404, "Not found the event", "webhook "+id+" is told of no event 1"))
	s.want(post(ownWebhooks+"/"+id+"/resend", `{}`), 202, `{"events":1}`)
	s.want(get(ownWebhooks+"/"+id+"/failures"), 200, `{"failures":[],"next":0,"more":false}`)
	list, err = s.service.NextDispatches(t.Context(), id, 10)
	if err != nil || len(list) != 1 || !list[0].Again {
		t.Errorf("%v, %v", list, err)
	}
	if got := s.do(post(ownWebhooks+"/"+id+"/resend", `{"event":[1]}`)); got.status != http.StatusBadRequest {
		t.Errorf("%d %s", got.status, got.body)
	}
}

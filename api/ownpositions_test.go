package api_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

const ownPositions = own + "/positions"

// TestVersions is reliability-security.md §9 row 52: who changes what has changed since he
// read it is told so, and nothing happens.
func TestVersions(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	made := s.do(post(ownPositions, minimalV3))
	read := s.do(get(ownPositions + "/77777777777-0001"))
	tag := read.header.Get("Etag")
	if made.status != 201 || read.status != 200 || made.body != read.body || tag == "" || made.header.Get("Etag") != tag {
		t.Fatalf("made %d %s, read %d %s, tags %q %q", made.status, made.body, read.status, read.body, made.header.Get("Etag"), tag)
	}
	s.clock.Set(testkit.Noon.Add(time.Second))
	published := s.do(post(ownPositions+"/77777777777-0001/publish", ""))
	newer := published.header.Get("Etag")
	if published.status != 200 || newer == tag || newer == "" {
		t.Fatalf("published %d %s, tag %q", published.status, published.body, newer)
	}
	stale := problem(412, "The debt position has changed", "debt position 77777777777-0001 has changed since its version "+strings.Trim(tag, `"`)+" was read")
	changed := edited(minimalV3, "companyName", "Comune Y")
	s.want(replace(ownPositions+"/77777777777-0001", changed).with("If-Match", tag), 412, stale)
	s.want(remove(ownPositions+"/77777777777-0001").with("If-Match", tag), 412, stale)
	if got := s.do(get(ownPositions + "/77777777777-0001")); got.body != published.body || got.header.Get("Etag") != newer {
		t.Errorf("a stale change left %s", got.body)
	}
	for _, bad := range []string{"x", `"a", "b"`, `""`, `W/"x"`} {
		if got := s.do(replace(ownPositions+"/77777777777-0001", changed).with("If-Match", bad)); got.status != 400 {
			t.Errorf("If-Match %s: %d %s", bad, got.status, got.body)
		}
	}
	if got := s.members(replace(ownPositions+"/77777777777-0001", changed).with("If-Match", newer)); got["companyName"] != "Comune Y" || got["status"] != "DRAFT" {
		t.Errorf("changed: %v", got)
	}
	s.members(replace(ownPositions+"/77777777777-0001", changed).with("If-Match", "*"))
	if got := s.do(replace(ownPositions+"/77777777777-0001", edited(changed, "colour", "red"))); got.status != 400 || !strings.Contains(got.body, "colour: is no member of a debt position") {
		t.Errorf("an unknown member: %d %s", got.status, got.body)
	}
	back := s.do(get(ownPositions + "/77777777777-0001"))
	if got := s.do(replace(ownPositions+"/77777777777-0001", back.body).with("If-Match", back.header.Get("Etag"))); got.status != 200 || got.body != back.body {
		t.Errorf("what was read, sent back: %d %s", got.status, got.body)
	}
	if got := s.do(remove(ownPositions + "/77777777777-0001")); got.status != http.StatusNoContent {
		t.Errorf("deleted: %d %s", got.status, got.body)
	}
}

// TestVersions_OneWriterWins: of many who read the same version, one changes it.
func TestVersions_OneWriterWins(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ownPositions, minimalV3)
	tag := s.do(get(ownPositions + "/77777777777-0001")).header.Get("Etag")
	var wait sync.WaitGroup
	statuses := make(chan int, 16)
	for range cap(statuses) {
		wait.Go(func() {
			got, err := s.send(replace(ownPositions+"/77777777777-0001", edited(minimalV3, "companyName", "Comune Y")).with("If-Match", tag))
			if err != nil {
				t.Error(err)
			}
			statuses <- got.status
		})
	}
	wait.Wait()
	close(statuses)
	count := map[int]int{}
	for status := range statuses {
		count[status]++
	}
	if count[200] != 1 || count[412] != 15 {
		t.Errorf("answers %v", count)
	}
}

// TestIdempotencyKey is row 51: the same request again is answered as before and does
// nothing; another one under the same name is refused; a day later the name is free.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	create := post(ownPositions, minimalV3).with("Idempotency-Key", "a-1")
	first := s.do(create)
	s.members(post(ownPositions+"/77777777777-0001/publish", ""))
	second := s.do(create)
	if first.status != 201 || second.status != 201 || first.body != second.body || second.header.Get("Idempotency-Hit") != "true" || first.header.Get("Idempotency-Hit") != "" ||
		first.header.Get("Etag") != second.header.Get("Etag") {
		t.Fatalf("first %d %v %s, again %d %v %s", first.status, first.header, first.body, second.status, second.header, second.body)
	}
	s.want(post(ownPositions, edited(minimalV3, "companyName", "Y")).with("Idempotency-Key", "a-1"), 422, problem(422, "The Idempotency-Key was used for another request", "The Idempotency-Key was used for another request"))
	s.want(post(ownPositions, minimalV3).with("Idempotency-Key", "a-2"), 409, problem(409, titleUnique, "a debt position of organization 77777777777 has this iupd, or an iuv or nav of it"))
	s.members(post(ownPositions+"/77777777777-0001/invalidate", ""))
	if got := s.do(remove(ownPositions + "/77777777777-0001")); got.status != 204 {
		t.Fatal(got.body)
	}
	// A refusal is an answer too: the same question does not get another one.
	if got := s.do(post(ownPositions, minimalV3).with("Idempotency-Key", "a-2")); got.status != 409 || got.header.Get("Idempotency-Hit") != "true" {
		t.Errorf("a refusal again: %d %s", got.status, got.body)
	}
	// Another key's names are its own.
	if got := s.do(post(ownPositions, edited(minimalV3, "iupd", "V3-2")).with("Idempotency-Key", "a-1").with(keyHeader, s.newKey(ourEC))); got.status != 409 && got.status != 201 {
		t.Errorf("another key: %d %s", got.status, got.body)
	}
	if got := s.do(post(ownPositions, minimalV3).with("Idempotency-Key", "with blank")); got.status != 400 {
		t.Errorf("a malformed name: %d %s", got.status, got.body)
	}
	s.clock.Set(testkit.Noon.Add(bridge.AnswersKept + time.Second))
	if got := s.do(post(ownPositions, edited(minimalV3, "iupd", "V3-9")).with("Idempotency-Key", "a-1")); got.header.Get("Idempotency-Hit") != "" || got.status == 422 {
		t.Errorf("a day later: %d %s", got.status, got.body)
	}
}

// TestIdempotencyKey_InFlight: of equal requests at once, one is carried out; the others
// are told that it is under way, or get its answer.
func TestIdempotencyKey_InFlight(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	var wait sync.WaitGroup
	answers := make(chan response, 16)
	for range cap(answers) {
		wait.Go(func() {
			got, err := s.send(post(ownPositions, minimalV3).with("Idempotency-Key", "same"))
			if err != nil {
				t.Error(err)
			}
			answers <- got
		})
	}
	wait.Wait()
	close(answers)
	made := 0
	for got := range answers {
		switch {
		case got.status == 201 && got.header.Get("Idempotency-Hit") == "":
			made++
		case got.status == 201, got.status == 409 && strings.Contains(got.body, "under way"):
		default:
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if made != 1 {
		t.Errorf("%d requests were carried out", made)
	}
}

// Lists of our own hide whose code it is, opening a position and searching for a person
// are written down, and the journal names nobody (reliability-security.md §6).
func TestOwn_ReadingOfPersonsIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ours, minimal)
	const code = "RSSMRA80A01H501U"
	opened := s.do(get(ownPositions + "/77777777777-0001"))
	found := s.do(get(ownPositions + "?debtor=" + code))
	if listed := s.do(get(ownPositions)); !strings.Contains(opened.body, code) || strings.Contains(found.body+listed.body, code) || !strings.Contains(found.body, `"fiscalCode":"RS************1U"`) {
		t.Errorf("opened %s\nfound %s\nlisted %s", opened.body, found.body, listed.body)
	}
	records, err := s.service.TouchedBy(t.Context(), strings.Split(s.key, "_")[1], testkit.Noon, testkit.Noon)
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, r := range records {
		actions = append(actions, r.Action)
		if strings.Contains(r.Object+r.Detail, code) || r.Action == "position.search" && !strings.HasPrefix(r.Object, "ANON") {
			t.Errorf("the journal says %+v", r)
		}
	}
	if want := []string{"position.create", "position.read", "position.search"}; !slices.Equal(actions, want) {
		t.Errorf("the journal has %v, want %v", actions, want)
	}
}

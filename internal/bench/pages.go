package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"time"

	"nodobridge/internal/fill"
	"nodobridge/load"
)

// pageCalls is how often each kind of page is asked for.
const pageCalls = 100

// clerk asks the JSON API one question after the other.
type clerk struct {
	base, key string
}

// pages measures lists and searches on the largest store: one clerk, one page after the
// other. The target holds for pages by cursor and the usual depths of GPD's pages.
func (s *settings) pages(ctx context.Context, r *results, x *station, dir string) error {
	c, err := s.clerk(ctx, x, dir)
	if err != nil {
		return err
	}
	positions := s.sizes[len(s.sizes)-1]
	gpd := "/gpd/debt-positions-service/v1/organizations/" + string(fill.EC) + "/debtpositions?limit=50"
	own := "/bridge/v1/organizations/" + string(fill.EC) + "/positions?limit=50"
	depth := min(100, positions/50-1)
	for _, q := range []struct {
		name string
		next func(n int, last []byte) string
	}{
		{"list, GPD's pages 0 to 9", func(n int, _ []byte) string { return fmt.Sprint(gpd, "&page=", n%10) }},
		{fmt.Sprintf("list, GPD's page %d", depth), func(int, []byte) string { return fmt.Sprint(gpd, "&page=", depth) }},
		{"list, GPD's page 0 by IUPD", func(int, []byte) string { return gpd + "&page=0&orderby=IUPD&ordering=ASC" }},
		{"list, GPD's page 0 of a status", func(int, []byte) string { return gpd + "&page=0&status=VALID" }},
		{"list, GPD's page 0 of a week's due dates", func(int, []byte) string { return gpd + "&page=0&due_date_from=2099-03-01&due_date_to=2099-03-07" }},
		{"search, page by cursor", func(_ int, last []byte) string { return following(own, last) }},
		{"search by debtor", func(n int, _ []byte) string {
			return own + "&debtor=" + fill.Position(n * 37 % positions).Options[0].Debtor.FiscalCode
		}},
		{"search by notice number", func(n int, _ []byte) string { return own + "&nav=" + string(fill.NAV(n*37%positions)) }},
	} {
		h, err := c.ask(ctx, q.next)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		p99 := h.Quantile(0.99)
		r.add(q.name+", p50 / p99", fmt.Sprintf("%v / %v", load.Round(h.Quantile(0.5)), load.Round(p99)), "p99 ≤ 50 ms", p99 <= 50*time.Millisecond)
	}
	return nil
}

// clerk is one with a new key.
func (s *settings) clerk(ctx context.Context, x *station, dir string) (*clerk, error) {
	file, err := home(dir)
	if err != nil {
		return nil, err
	}
	key, err := exec.CommandContext(ctx, s.binary, "--config", file, "keys", "create", "--name", "bench", "--ec", string(fill.EC)).Output()
	if err != nil {
		return nil, fmt.Errorf("cannot create a key: %w", err)
	}
	return &clerk{x.api, strings.TrimSpace(string(key))}, nil
}

// following is the page behind the last one, or the first.
func following(path string, last []byte) string {
	var page struct{ Next string }
	if json.Unmarshal(last, &page) == nil && page.Next != "" {
		return path + "&after=" + page.Next
	}
	return path
}

func (c *clerk) ask(ctx context.Context, next func(n int, last []byte) string) (*load.Histogram, error) {
	h := new(load.Histogram)
	var last []byte
	for n := range pageCalls {
		path := next(n, last)
		start := time.Now()
		res, answer, err := c.do(ctx, http.MethodGet, path, "", nil)
		if err != nil {
			return nil, err
		}
		last = answer
		h.Add(time.Since(start))
		if res.StatusCode != http.StatusOK || len(last) < 100 {
			return nil, fmt.Errorf("%s: HTTP %d %.200s", path, res.StatusCode, last)
		}
	}
	return h, nil
}

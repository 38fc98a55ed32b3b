package api

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"nodobridge/bridge"
)

// positionsPage is GPD's PaymentPositionsInfo (gpd-api.md §3.3).
type positionsPage struct {
	List []positionView `json:"payment_position_list"`
	Info pageInfo       `json:"page_info"`
}

// pageInfo counts: ItemsFound is of this page, TotalPages of the whole list.
type pageInfo struct {
	Page       int `json:"page"`
	Limit      int `json:"limit"`
	ItemsFound int `json:"items_found"`
	TotalPages int `json:"total_pages"`
}

// The list's limits (gpd-api.md §3.3).
const (
	defaultPageSize = 10
	maxPageSize     = 50
	maxListDays     = 30
)

// statusesV1 are version 1's states, each its own.
var statusesV1 = func() map[string][]bridge.PositionStatus {
	own := map[string][]bridge.PositionStatus{}
	for _, s := range []bridge.PositionStatus{bridge.Draft, bridge.Published, bridge.Valid, bridge.Invalid, bridge.Expired, bridge.PartiallyPaid, bridge.Paid, bridge.Reported} {
		own[string(s)] = []bridge.PositionStatus{s}
	}
	return own
}()

// interval is a pair of date parameters.
type interval struct {
	name  string // due_date stands for due_date_from and due_date_to
	parse func(string) (time.Time, error)
	days  bool // bounds are whole days
}

// intervals exclude one another (gpd-api.md §3.3).
var intervals = []interval{
	{name: "due_date", parse: parseDay, days: true},
	{name: "payment_date", parse: parseDay, days: true},
	{name: "payment_date_time", parse: parseDateTime},
}

// positionQuery reads the list's parameters in GPD's order: types, then limits,
// then the pairs of dates.
func (c *call) positionQuery(statuses map[string][]bridge.PositionStatus) (bridge.PositionQuery, error) {
	q := bridge.PositionQuery{EC: c.ec}
	var err error
	if q.Page, err = c.number("page", 0); err != nil {
		return q, err
	}
	if q.Limit, err = c.number("limit", defaultPageSize); err != nil {
		return q, err
	}
	if err := c.choices(&q, statuses); err != nil {
		return q, err
	}
	var bounds [3]struct{ from, to time.Time }
	for i, span := range intervals {
		if bounds[i].from, err = c.bound(span, span.name+"_from"); err != nil {
			return q, err
		}
		if bounds[i].to, err = c.bound(span, span.name+"_to"); err != nil {
			return q, err
		}
	}
	if err := c.pageLimits(q); err != nil {
		return q, err
	}
	if err := c.exclusive(); err != nil {
		return q, err
	}
	for i, span := range intervals {
		from, to, err := span.complete(bounds[i].from, bounds[i].to)
		switch {
		case err != nil:
			return q, err
		case from.IsZero():
		case span.name == "due_date":
			q.DueFrom, q.DueTo = from, to
		default:
			q.PaidFrom, q.PaidTo = from, to
		}
	}
	return q, nil
}

func (c *call) number(name string, otherwise int) (int, error) {
	given := c.query.Get(name)
	if given == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(given, 10, 32)
	if err != nil {
		return 0, parameterValue(name, given)
	}
	return int(n), nil
}

// choices reads the parameters that have a closed set of values.
func (c *call) choices(q *bridge.PositionQuery, statuses map[string][]bridge.PositionStatus) error {
	status, err := c.choice("status", "", slices.Collect(maps.Keys(statuses))...)
	if err != nil {
		return err
	}
	order, err := c.choice("orderby", "INSERTED_DATE", "INSERTED_DATE", "IUPD", "STATUS", "COMPANY_NAME")
	if err != nil {
		return err
	}
	ordering, err := c.choice("ordering", "DESC", "DESC", "ASC")
	if err != nil {
		return err
	}
	q.Statuses, q.OrderBy, q.Ascending = statuses[status], bridge.PositionOrder(order), ordering == "ASC"
	return nil
}

func (c *call) choice(name, otherwise string, allowed ...string) (string, error) {
	given := c.query.Get(name)
	if given == "" {
		return otherwise, nil
	}
	if !slices.Contains(allowed, given) {
		return "", parameterValue(name, given)
	}
	return given, nil
}

// bound reads one end of an interval; absent and empty are open. The end of a
// day is its last moment.
func (c *call) bound(span interval, name string) (time.Time, error) {
	given := c.query.Get(name)
	if given == "" {
		return time.Time{}, nil
	}
	at, err := span.parse(given)
	if err != nil {
		return time.Time{}, parameterValue(name, given)
	}
	if span.days && strings.HasSuffix(name, "_to") {
		at = endOfDay(at)
	}
	return at, nil
}

func (c *call) pageLimits(q bridge.PositionQuery) error {
	switch {
	case q.Limit > maxPageSize:
		return c.constraint("limit", fmt.Sprintf("must be less than or equal to %d", maxPageSize))
	case q.Limit < 1:
		return c.constraint("limit", "must be greater than 0")
	case q.Page < 0:
		return c.constraint("page", "must be greater than or equal to 0")
	}
	return nil
}

// exclusive refuses parameters of two pairs; to be there is enough, even empty
// (gpd-api.md §4.2).
func (c *call) exclusive() error {
	var present []string
	for _, span := range intervals {
		if c.query.Has(span.name+"_from") || c.query.Has(span.name+"_to") {
			present = append(present, span.name)
		}
	}
	if len(present) > 1 {
		return &bridge.Error{Code: codeExclusive, Detail: "the intervals " + strings.Join(present, " and ") + " exclude one another"}
	}
	return nil
}

// complete gives an interval with one end open its other end, thirty days away,
// and refuses one that is longer or ends before it begins. Both ends zero mean
// no filter.
func (span interval) complete(from, to time.Time) (time.Time, time.Time, error) {
	switch {
	case from.IsZero() && to.IsZero():
		return from, to, nil
	case to.IsZero() && span.days:
		to = endOfDay(from.AddDate(0, 0, maxListDays))
	case to.IsZero():
		to = from.AddDate(0, 0, maxListDays)
	case from.IsZero() && span.days:
		from = to.AddDate(0, 0, -maxListDays).Truncate(24 * time.Hour)
	case from.IsZero():
		from = to.AddDate(0, 0, -maxListDays)
	}
	days := int(to.Sub(from) / (24 * time.Hour))
	if from.After(to) || days > maxListDays {
		return from, to, &bridge.Error{Code: codeInterval, Detail: fmt.Sprintf(
			"%[1]s_to must not be before %[1]s_from, and there may be at most %[2]d days between them [%[1]s_from=%[3]s, %[1]s_to=%[4]s, days=%[5]d]",
			span.name, maxListDays, localTime(from), localTime(to), days)}
	}
	return from, to, nil
}

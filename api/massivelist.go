package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"nodobridge/bridge"
)

// The list of uploaded files (gpd-api.md §5.1 "list").
const (
	headerContinuation = "X-Continuation-Token"
	minFiles           = 100
	maxFiles           = 500
	maxFileDays        = 7
	filesKept          = 60 // days
)

type filesPage struct {
	FileIDs []string `json:"fileIds"`
	Size    int      `json:"size"`
	HasMore bool     `json:"hasMore"`
}

func (s *Server) massiveFiles(ctx context.Context, c *call) (reply, error) {
	q, err := c.filesQuery(s.service.Now())
	if err != nil {
		return reply{}, err
	}
	page, err := s.service.MassiveFiles(ctx, c.by, q)
	if err != nil {
		return reply{}, err
	}
	out := filesPage{FileIDs: []string{}, Size: len(page.IDs), HasMore: page.Next != 0}
	out.FileIDs = append(out.FileIDs, page.IDs...)
	header := http.Header{}
	if page.Next != 0 {
		header.Set(headerContinuation, strconv.FormatInt(page.Next, 36))
	}
	return reply{status: http.StatusOK, body: out, header: header}, nil
}

// filesQuery reads days of Rome (gpd-api.md §6.1 row 29): at most 7, the last 7 by default, none before the files
// that are kept.
func (c *call) filesQuery(now time.Time) (bridge.MassiveQuery, error) {
	q := bridge.MassiveQuery{Broker: c.given, EC: c.ec}
	var err error
	if q.Limit, err = c.number("size", minFiles); err != nil {
		return q, err
	}
	if q.Limit < minFiles || q.Limit > maxFiles {
		return q, c.constraint("size", fmt.Sprintf("must be between %d and %d", minFiles, maxFiles))
	}
	if token := c.request.Header.Get(headerContinuation); token != "" {
		q.Before, err = strconv.ParseInt(token, 36, 64)
		if err != nil || q.Before < 1 {
			return q, c.constraint("x-continuation-token", "must be a token that an answer has given")
		}
	}
	rome := bridge.Rome()
	local := now.In(rome)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, rome)
	from, to := today.AddDate(0, 0, 1-maxFileDays), today
	if from, err = c.day("from", from); err != nil {
		return q, err
	}
	if to, err = c.day("to", to); err != nil {
		return q, err
	}
	oldest := today.AddDate(0, 0, -filesKept)
	switch {
	case to.Before(oldest):
		return q, &bridge.Error{Code: codeGone, Detail: fmt.Sprintf("files are kept for %d days", filesKept)}
	case to.Before(from), !to.Before(from.AddDate(0, 0, maxFileDays)), from.Before(oldest):
		return q, &bridge.Error{Code: bridge.CodeInvalid, Detail: fmt.Sprintf("from and to: at most %d days, none older than %d days, and to not before from", maxFileDays, filesKept)}
	}
	q.From, q.To = from.UTC(), to.AddDate(0, 0, 1).Add(-time.Microsecond).UTC()
	return q, nil
}

func (c *call) day(name string, otherwise time.Time) (time.Time, error) {
	given := c.query.Get(name)
	if given == "" {
		return otherwise, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, given, bridge.Rome())
	if err != nil {
		return at, parameterValue(name, given)
	}
	return at, nil
}

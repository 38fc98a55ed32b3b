package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Head is where both chains of a store ended, as one word to keep on another machine:
// whoever can write the store's file can take records off the ends and compute the rest
// anew, which the file cannot show by itself (reliability-security.md §6).
type Head struct {
	UUID string // the store's
	Ends []ChainEnd
}

// Head is that of what was verified.
func (v *Verification) Head() Head { return Head{v.UUID, v.Ends} }

// headForm is the first part of a head, for when there is another form of it.
const headForm = "nodobridge-head-1"

// String is FORM/UUID/journal:RECORDS:LAST:LINK/receipt:RECORDS:LAST:LINK.
func (h Head) String() string {
	parts := []string{headForm, h.UUID}
	for _, e := range h.Ends {
		parts = append(parts, fmt.Sprintf("%s:%d:%d:%s", e.Name, e.Records, e.Last, e.Link))
	}
	return strings.Join(parts, "/")
}

var errHead = errors.New("it is no head: want what verify --print-head has printed, nodobridge-head-1/UUID/journal:RECORDS:LAST:LINK/receipt:RECORDS:LAST:LINK")

// ParseHead reads what String has written.
func ParseHead(text string) (Head, error) {
	parts := strings.Split(strings.TrimSpace(text), "/")
	if len(parts) != 4 || parts[0] != headForm || parts[1] == "" {
		return Head{}, errHead
	}
	h := Head{UUID: parts[1]}
	for i, c := range []*chain{&journalChain, &receiptChain} {
		e, err := parseEnd(c.name, parts[2+i])
		if err != nil {
			return Head{}, err
		}
		h.Ends = append(h.Ends, e)
	}
	return h, nil
}

func parseEnd(name, text string) (ChainEnd, error) {
	fields := strings.Split(text, ":")
	if len(fields) != 4 || fields[0] != name {
		return ChainEnd{}, errHead
	}
	records, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil || records < 0 {
		return ChainEnd{}, errHead
	}
	last, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || last < records {
		return ChainEnd{}, errHead
	}
	link, err := hex.DecodeString(fields[3])
	if err != nil || len(link) != len(digest{}) {
		return ChainEnd{}, errHead
	}
	return ChainEnd{name, records, last, hex.EncodeToString(link)}, nil
}

// strangers are the ends that are not in the chains.
func strangers(ctx context.Context, q interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}, ends []ChainEnd) (list []ChainEnd, err error) {
	for _, end := range ends {
		c := &journalChain
		if end.Name == receiptChain.name {
			c = &receiptChain
		}
		if end.Records == 0 {
			continue
		}
		var found bool
		if err := q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+c.name+` WHERE id = ? AND lower(hex(link)) = ?)`, end.Last, end.Link).Scan(&found); err != nil {
			return nil, err
		}
		if !found {
			list = append(list, end)
		}
	}
	return list, nil
}

// head holds the chains against a head that was kept elsewhere: they may have grown since,
// and what was there then still is.
func (v *verifier) head(ctx context.Context) (int64, string, error) {
	if v.expect.UUID != v.out.UUID {
		return 0, "it is of store " + v.expect.UUID, nil
	}
	gone, err := strangers(ctx, v.db, v.expect.Ends)
	if err != nil || len(gone) == 0 {
		return int64(len(v.expect.Ends)), "", err
	}
	return 0, fmt.Sprintf("%s record %d was in the store when the head was taken and is not now: records were taken off the end, or an older backup was restored", gone[0].Name, gone[0].Last), nil
}

package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"

	"nodobridge/bridge"
)

// uploadNoticesOperation is ours beside GPD's massive upload: the notices of what a file
// has brought.
func uploadNoticesOperation() operation {
	return operation{
		method: http.MethodGet, path: prefixMassiveV2 + massivePath + "/:" + paramFile + "/notices", number: brokerForm, file: true, name: "getUploadNotices",
		handle: (*Server).printUpload,
	}
}

// notPrinted is the file of a zip that says what is missing in it and why.
const notPrinted = "non-stampati.csv"

// printUpload gives a zip with the notices of the positions that an uploaded file has
// created or updated, bridge.MaxPrints of them a page.
func (s *Server) printUpload(ctx context.Context, c *call) (reply, error) {
	if err := c.only("page", "slip", "language"); err != nil {
		return reply{}, err
	}
	if s.printer == nil {
		return reply{}, errNoPrinter
	}
	page, err := c.number("page", 0)
	if err == nil && (page < 0 || page > 1<<20) {
		err = c.constraint("page", "must be the number of a page, from 0")
	}
	if err != nil {
		return reply{}, err
	}
	order, err := c.printOrder()
	if err != nil {
		return reply{}, err
	}
	f, groups, err := s.service.MassiveReport(ctx, c.by, c.given, c.ec, c.file)
	if err == nil {
		err = workedOff(&f)
	}
	if err != nil {
		return reply{}, err
	}
	positions := taken(groups)
	first, last := page*bridge.MaxPrints, min((page+1)*bridge.MaxPrints, len(positions))
	if first > 0 && first >= len(positions) {
		return reply{}, &bridge.Error{Code: codePastTheEnd, Detail: fmt.Sprintf("%d positions are in the file, %d a page, counted from 0", len(positions), bridge.MaxPrints)}
	}
	// One at a time: calls of the node must not wait for paper.
	select {
	case s.printing <- struct{}{}:
		defer func() { <-s.printing }()
	default:
		return reply{}, &bridge.Error{Code: codeBusy, Detail: "other notices are being printed; try again"}
	}
	results, err := s.service.NoticesToPrint(ctx, c.by, order, positions[first:last])
	if err != nil {
		return reply{}, err
	}
	file, err := s.zipOf(ctx, results)
	if err != nil {
		return reply{}, err
	}
	answer := document(file, fmt.Sprintf("avvisi-%s-%d.zip", c.ec, page))
	answer.kind = kindZip
	if last < len(positions) {
		query := c.request.URL.Query()
		query.Set("page", strconv.Itoa(page+1))
		answer.header.Set("Link", "<"+c.request.URL.EscapedPath()+"?"+query.Encode()+`>; rel="next"`)
	}
	return answer, nil
}

// taken lists the positions that a file has brought, in its order of outcomes.
func taken(groups []bridge.MassiveGroup) []bridge.IUPD {
	var list []bridge.IUPD
	for _, g := range groups {
		if g.Status == http.StatusCreated || g.Status == http.StatusOK {
			list = append(list, g.IUPDs...)
		}
	}
	return list
}

// zipOf prints what can be.
func (s *Server) zipOf(ctx context.Context, results []bridge.PrintResult) ([]byte, error) {
	var out bytes.Buffer
	b := newBinder(&out)
	for i := range results {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := &results[i]
		err := error(&bridge.Error{Code: bridge.CodeNotPrintable, Detail: r.Reason})
		var file []byte
		name := ""
		if r.Notice != nil {
			name = fmt.Sprintf("avviso-%s-%s.pdf", r.Notice.EC.Code, r.Notice.Payments()[0].NAV)
			file, err = s.printer.Notice(r.Notice)
		}
		if err := b.put(string(r.IUPD), name, file, err); err != nil {
			return nil, err
		}
	}
	err := b.close() // before its bytes are taken
	return out.Bytes(), err
}

package api

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
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
	answer.kind = "application/zip"
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

// zipOf prints. PDF is packed already, so the zip only holds.
func (s *Server) zipOf(ctx context.Context, results []bridge.PrintResult) ([]byte, error) {
	var out, missing bytes.Buffer
	z, reasons := zip.NewWriter(&out), csv.NewWriter(&missing)
	add := func(name string, data []byte) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	}
	failed := [][]string{{"iupd", "motivo"}}
	for i := range results {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := &results[i]
		if r.Notice == nil {
			failed = append(failed, []string{string(r.IUPD), r.Reason})
			continue
		}
		file, err := s.printer.Notice(r.Notice)
		var refusal *bridge.Error
		if errors.As(err, &refusal) && refusal.Code == bridge.CodeNotPrintable {
			failed = append(failed, []string{string(r.IUPD), refusal.Detail})
			continue
		}
		if err == nil {
			err = add(fmt.Sprintf("avviso-%s-%s.pdf", r.Notice.EC.Code, r.Notice.Payments()[0].NAV), file)
		}
		if err != nil {
			return nil, fmt.Errorf("cannot print notices: %w", err)
		}
	}
	if len(failed) > 1 {
		if err := reasons.WriteAll(failed); err != nil {
			return nil, fmt.Errorf("cannot print notices: %w", err)
		}
		if err := add(notPrinted, missing.Bytes()); err != nil {
			return nil, fmt.Errorf("cannot print notices: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("cannot print notices: %w", err)
	}
	return out.Bytes(), nil
}

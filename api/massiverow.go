package api

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"

	"nodobridge/bridge"
)

// The rows of a massive upload: checked when the file comes, kept as they came, and
// read again when their turn has come.

const (
	// chunkRows is how many rows one transaction works off: a receipt waits for one
	// chunk at the most. With 50 the pages of the indexes are written twice as often
	// (BenchmarkMassive). chunkBytes bounds what a chunk of large rows is to hold.
	chunkRows  = 200
	chunkBytes = 1 << 20
	// maxDeleted is GPD's bound of a file of positions to delete.
	maxDeleted = 100_000
	// maxFaults bounds what a refusal of a file lists.
	maxFaults = 20
)

// checkFile is GPD's synchronous check of a whole file: its shape, then the form of every
// row. With perRow only the shape counts.
func checkFile(file *uploaded, op bridge.MassiveOperation, perRow bool) error {
	rows, closer, err := file.rows(massiveMember[op])
	if err != nil {
		return err
	}
	defer closer.Close()
	var faults []string
	seen := map[bridge.IUPD]struct{}{}
	for n := 0; ; n++ {
		raw, err := rows.next()
		if err != nil {
			return fileFailure(err)
		}
		switch {
		case raw == nil && n == 0:
			return &bridge.Error{Code: codePositions, Detail: massiveMember[op] + ": must not be empty"}
		case raw == nil:
			return refuseFaults(faults)
		case op == bridge.MassiveDelete && n == maxDeleted:
			return &bridge.Error{Code: codePositions, Detail: fmt.Sprintf("paymentPositionIUPDs: size must be between 1 and %d", maxDeleted)}
		}
		if perRow {
			continue
		}
		row, err := readRow(op, "", raw)
		if err != nil {
			return &bridge.Error{Code: codeJSON, Detail: fmt.Sprintf("row %d: %s", n, detailOf(err))}
		}
		if _, twice := seen[row.IUPD]; twice && row.Invalid == "" {
			row.Invalid = "iupd: occurs twice in the file"
		}
		seen[row.IUPD] = struct{}{}
		if row.Invalid != "" && len(faults) < maxFaults {
			faults = append(faults, fmt.Sprintf("row %d: %s", n, row.Invalid))
		}
	}
}

func refuseFaults(faults []string) error {
	if len(faults) == 0 {
		return nil
	}
	return &bridge.Error{Code: codePositions, Detail: strings.Join(faults, ", ")}
}

// readRow reads one row as a single request would be read, but for what massive upload
// has otherwise: unknown members are refused, blank debtors too, and payStandIn is false
// when it is not said (gpd-api.md §5.1). An error is a row that is no such JSON; a broken
// form is in Invalid.
func readRow(op bridge.MassiveOperation, ec bridge.ECCode, raw []byte) (bridge.MassiveRow, error) {
	if op == bridge.MassiveDelete {
		return readIUPD(raw)
	}
	var m positionModel
	err := decodeKnown(raw, func(r *reader) error {
		return r.object(func(name string) error { return m.member(r, name) })
	})
	row := bridge.MassiveRow{IUPD: bridge.IUPD(value(m.IUPD))}
	if err != nil {
		return row, err
	}
	v := &violations{}
	m.check(v, "")
	v.notBlank(m.FiscalCode, "fiscalCode", "must not be blank")
	v.notBlank(m.FullName, "fullName", "must not be blank")
	if err := v.err(); err != nil {
		row.Invalid = detailOf(err)
		return row, nil
	}
	row.Position = m.tree(ec)
	row.Position.PayStandIn = m.PayStandIn != nil && *m.PayStandIn
	return row, nil
}

func readIUPD(raw []byte) (bridge.MassiveRow, error) {
	var text string
	err := decodeKnown(raw, func(r *reader) (err error) {
		text, err = r.text()
		return err
	})
	row := bridge.MassiveRow{IUPD: bridge.IUPD(text)}
	if err == nil && strings.TrimSpace(text) == "" {
		row.Invalid = "iupd: must not be blank"
	}
	return row, err
}

// detailOf is a refusal's public text.
func detailOf(err error) string {
	var refusal *bridge.Error
	if errors.As(err, &refusal) {
		return refusal.Detail
	}
	return "it cannot be read"
}

// packed gives the rows in compressed chunks.
func packed(rows *splitter) func() (*bridge.MassiveChunk, error) {
	var buffer bytes.Buffer
	deflate, err := flate.NewWriter(&buffer, flate.BestSpeed)
	return func() (*bridge.MassiveChunk, error) {
		if err != nil {
			return nil, err
		}
		buffer.Reset()
		deflate.Reset(&buffer)
		n, size := 0, 0
		opening := []byte(`{"rows":[`)
		for ; n < chunkRows && size < chunkBytes; n++ {
			raw, err := rows.next()
			if err != nil {
				return nil, fileFailure(err)
			}
			if raw == nil {
				break
			}
			if _, err := deflate.Write(opening); err != nil {
				return nil, err
			}
			if _, err := deflate.Write(raw); err != nil {
				return nil, err
			}
			opening = []byte(",")
			size += len(raw)
		}
		if n == 0 {
			return nil, nil
		}
		if _, err := deflate.Write([]byte("]}")); err != nil {
			return nil, err
		}
		if err := deflate.Close(); err != nil {
			return nil, err
		}
		return &bridge.MassiveChunk{Rows: n, Bytes: bytes.Clone(buffer.Bytes())}, nil
	}
}

// unpack reads the rows of a chunk again.
func unpack(work bridge.MassiveWork) ([]bridge.MassiveRow, error) {
	inflate := flate.NewReader(bytes.NewReader(work.Chunk.Bytes))
	rows := newSplitter(io.LimitReader(inflate, chunkRows*(maxRow+1)+64), "rows")
	list := make([]bridge.MassiveRow, 0, work.Chunk.Rows)
	for {
		raw, err := rows.next()
		if err != nil {
			return nil, fmt.Errorf("cannot read the rows of chunk %d: %w", work.Chunk.Seq, err)
		}
		if raw == nil {
			return list, nil
		}
		row, err := readRow(work.File.Operation, work.File.EC, raw)
		if err != nil {
			row.Invalid = detailOf(err)
		}
		list = append(list, row)
	}
}

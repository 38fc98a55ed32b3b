package api

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"

	"nodobridge/bridge"
)

const kindZip = "application/zip"

// binder makes a zip of documents, with a list of those that could not be made and why.
// PDF is packed already, so the zip only holds.
type binder struct {
	zip    *zip.Writer
	failed [][]string
}

func newBinder(w io.Writer) *binder {
	return &binder{zip: zip.NewWriter(w), failed: [][]string{{"iupd", "motivo"}}}
}

// put adds a document, or the reason why there is none; other errors end the work.
func (b *binder) put(about, name string, file []byte, err error) error {
	var refusal *bridge.Error
	if errors.As(err, &refusal) && refusal.Code == bridge.CodeNotPrintable {
		b.failed = append(b.failed, []string{about, refusal.Detail})
		return nil
	}
	if err == nil {
		err = b.add(name, file)
	}
	if err != nil {
		return fmt.Errorf("cannot print notices: %w", err)
	}
	return nil
}

func (b *binder) add(name string, data []byte) error {
	w, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// close ends the zip.
func (b *binder) close() error {
	if len(b.failed) > 1 {
		var list bytes.Buffer
		err := csv.NewWriter(&list).WriteAll(b.failed)
		if err == nil {
			err = b.add(notPrinted, list.Bytes())
		}
		if err != nil {
			return fmt.Errorf("cannot print notices: %w", err)
		}
	}
	if err := b.zip.Close(); err != nil {
		return fmt.Errorf("cannot print notices: %w", err)
	}
	return nil
}

package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"nodobridge/bridge"
)

// folderStatusView is GetGenerationRequestStatusResource.
type folderStatusView struct {
	Status    string   `json:"status" enum:"INSERTED|PROCESSING|COMPLETING|FAILED|PROCESSED|PROCESSED_WITH_FAILURES"`
	Processed []string `json:"processedNotices"`
	InError   []string `json:"noticesInError"`
}

// folderErrorView is what pagoPA's service answers of an error. Its document says that it
// is a status, so it has those members too.
type folderErrorView struct {
	folderStatusView
	ErrorID     string `json:"errorId"`
	Code        string `json:"errorCode"`
	Description string `json:"errorDescription"`
	CreatedAt   string `json:"createdAt"`
	FolderID    string `json:"folderId"`
	Compression bool   `json:"compressionError"`
}

type signedURLView struct {
	SignedURL string `json:"signedUrl"`
}

func statusOf(f *bridge.PrintFolder) folderStatusView {
	v := folderStatusView{Status: f.Status(), Processed: []string{}, InError: []string{}}
	for i := range f.Items {
		switch f.Items[i].State {
		case bridge.PrintDone:
			v.Processed = append(v.Processed, f.Items[i].File)
		case bridge.PrintFailed:
			v.InError = append(v.InError, f.Items[i].File)
		}
	}
	return v
}

func (s *Server) folderStatus(ctx context.Context, c *call) (reply, error) {
	f, err := s.service.Folder(ctx, c.by, c.given)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: statusOf(f)}, nil
}

// folderError tells why a notice could not be printed; its id is the notice's own.
func (s *Server) folderError(ctx context.Context, c *call) (reply, error) {
	f, err := s.service.Folder(ctx, c.by, c.given)
	if err != nil {
		return reply{}, err
	}
	item, err := f.Item(c.file)
	if err == nil && item.State != bridge.PrintFailed {
		err = &bridge.Error{Code: bridge.CodePrintUnknown, Detail: "the notice has no error"}
	}
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: folderErrorView{
		folderStatusView{f.Status(), []string{}, []string{item.File}}, item.File, "NOT_PRINTABLE", item.Reason, item.DoneAt.UTC().Format("2006-01-02T15:04:05Z"), f.ID, false,
	}}, nil
}

func (s *Server) folderURL(ctx context.Context, c *call) (reply, error) {
	return s.signedURL(ctx, c, "")
}
func (s *Server) fileURL(ctx context.Context, c *call) (reply, error) {
	return s.signedURL(ctx, c, c.file)
}

func (s *Server) signedURL(ctx context.Context, c *call, file string) (reply, error) {
	f, err := s.service.Folder(ctx, c.by, c.given)
	if err == nil {
		err = f.Fetchable(file)
	}
	if err == nil {
		err = s.service.NoteFetch(ctx, c.by, f, file)
	}
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusOK, body: signedURLView{s.link(c.request, f.ID, orElse(file, f.ID))}}, nil
}

func (s *Server) deleteFolder(ctx context.Context, c *call) (reply, error) {
	return reply{status: http.StatusOK}, s.service.DeleteFolder(ctx, c.by, c.given)
}

// followLink gives the file of a link: one notice, or with the folder's own id all that
// were printed, in a zip.
func (s *Server) followLink(ctx context.Context, c *call) (reply, error) {
	if err := s.opened(c); err != nil {
		return reply{}, err
	}
	if s.printer == nil {
		return reply{}, errNoPrinter
	}
	if c.file == c.given {
		return s.folderZip(ctx, c)
	}
	items, err := s.service.Printed(ctx, c.given, c.file, 0, 1)
	if err != nil {
		return reply{}, err
	}
	file, err := s.draw(ctx, items[0].Request)
	if err != nil {
		return reply{}, s.notPrinted(c, "", err)
	}
	return document(file, c.file+".pdf"), nil
}

// draw makes the PDF of a kept notice.
func (s *Server) draw(ctx context.Context, r *bridge.PrintRequest) ([]byte, error) {
	n, err := s.service.Draw(ctx, r)
	if err != nil {
		return nil, err
	}
	return s.printer.Notice(n)
}

// drawAtOnce is how many notices are read from the store at a time.
const drawAtOnce = 50

// folderZip draws a folder into a temporary file, so that no more than a few notices are
// in memory, and sends that. One at a time: calls of the node must not wait for paper.
func (s *Server) folderZip(ctx context.Context, c *call) (reply, error) {
	select {
	case s.printing <- struct{}{}:
		defer func() { <-s.printing }()
	case <-ctx.Done():
		return reply{}, &bridge.Error{Code: codeBusy, Detail: "other notices are being printed; try again"}
	}
	file, err := os.CreateTemp(s.tempDir, uploadPattern)
	if err != nil {
		return reply{}, fmt.Errorf("cannot make the zip: %w", err)
	}
	remove := func() error { return errors.Join(file.Close(), os.Remove(file.Name())) }
	if err := s.drawFolder(ctx, c.given, file); err != nil {
		return reply{}, errors.Join(err, remove())
	}
	answer := document(nil, c.given+".zip")
	answer.kind, answer.raw = kindZip, nil
	answer.stream = func(w io.Writer) error {
		_, err := file.Seek(0, io.SeekStart)
		if err == nil {
			_, err = io.Copy(w, file)
		}
		return errors.Join(err, remove())
	}
	return answer, nil
}

func (s *Server) drawFolder(ctx context.Context, id string, to io.Writer) error {
	b := newBinder(to)
	for after := int64(0); ; {
		items, err := s.service.Printed(ctx, id, "", after, drawAtOnce)
		if err != nil {
			return err
		}
		for i := range items {
			after = items[i].Row
			if err := ctx.Err(); err != nil {
				return err
			}
			file, err := s.drawGently(ctx, items[i].Request)
			if err := b.put(items[i].File, items[i].File+".pdf", file, err); err != nil {
				return err
			}
		}
		if len(items) < drawAtOnce {
			return b.close()
		}
	}
}

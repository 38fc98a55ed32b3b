package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"nodobridge/bridge"
)

// read takes query and body off the wire: 400, 415, 413 (gpd-api.md §4.1 step 4,
// reliability-security.md §9 rows 13 and 49).
func (s *Server) read(c *call, w http.ResponseWriter, r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return &bridge.Error{Code: bridge.CodeInvalid, Detail: "the query is malformed"}
	}
	c.query = query
	if err := c.segregate(); err != nil {
		return err
	}
	if c.op.upload {
		s.allowUpload(w, r)
		return nil
	}
	if c.op.long {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.limits.Upload)) // a writer without deadlines has none to move
	}
	if !c.op.body && !c.op.sheet {
		return nil
	}
	if err := c.media(r.Header); err != nil {
		return err
	}
	return s.readBody(c, w, r)
}

// media judges what the body says that it is.
func (c *call) media(header http.Header) error {
	switch {
	case c.op.sheet && !isSheet(header):
		return &bridge.Error{Code: codeMediaType, Detail: "the content type must be text/csv, " + kindXLSX + " or application/octet-stream, without content encoding"}
	case c.op.body && !isJSON(header):
		return &bridge.Error{Code: codeMediaType, Detail: "the content type must be application/json in UTF-8, without content encoding"}
	}
	return nil
}

func (s *Server) readBody(c *call, w http.ResponseWriter, r *http.Request) error {
	most := s.limits.BodyBytes
	if c.op.bulk || c.op.sheet {
		most = s.limits.BulkBytes
	}
	if r.ContentLength > most {
		return tooLarge(most)
	}
	give, ok := s.bodies.Take(r.ContentLength, most)
	if !ok {
		return &bridge.Error{Code: codeBusy, Detail: "too many long requests at once; try again"}
	}
	c.leave = give
	var err error
	c.body, err = io.ReadAll(http.MaxBytesReader(innermost(w), r.Body, most))
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return tooLarge(most)
	}
	if err != nil {
		// A malformed chunk or a body cut short is the peer's fault (§9 row 32).
		return &bridge.Error{Code: bridge.CodeInvalid, Detail: "the request body cannot be read", Err: err}
	}
	return nil
}

// allowUpload gives a file the time and the size that it may have.
func (s *Server) allowUpload(w http.ResponseWriter, r *http.Request) {
	until := time.Now().Add(s.limits.Upload)
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(until)                   // a writer without deadlines has none to move
	_ = control.SetWriteDeadline(until.Add(time.Minute)) // the same
	r.Body = http.MaxBytesReader(innermost(w), r.Body, maxUpload+maxRow)
}

// innermost is the server's own writer: only to that one can MaxBytesReader say
// that the rest of an excessive body is not worth waiting for.
func innermost(w http.ResponseWriter) http.ResponseWriter {
	for {
		outer, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = outer.Unwrap()
	}
}

func tooLarge(most int64) error {
	return &bridge.Error{Code: codeTooLarge, Detail: fmt.Sprintf("the request body exceeds %d bytes", most)}
}

// isJSON accepts one application/json, with charset utf-8 or none, as it is: an
// encoded body could be a bomb.
func isJSON(header http.Header) bool {
	if encoding := header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return false
	}
	if len(header.Values("Content-Type")) != 1 {
		return false
	}
	media, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return false
	}
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8")
}

// Content types that are no JSON.
const (
	kindXML  = "application/xml"
	kindCSV  = "text/csv; charset=utf-8; header=present"
	kindXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// isSheet accepts the types under which browsers and scripts send tables. What the file
// is shows when it is read; its charset too, because spreadsheets do not tell it.
func isSheet(header http.Header) bool {
	if encoding := header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return false
	}
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && len(header.Values("Content-Type")) == 1 && slices.Contains([]string{"text/csv", "text/plain", "application/csv", "application/vnd.ms-excel", "application/octet-stream", kindXLSX}, media)
}

// nothing sends an answer without a body.
func nothing(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(status)
}

// write sends an answer. Encoding happens before the status is told, so that an
// answer is whole or a 500.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, body any) {
	text, err := encode(body)
	if err != nil {
		exchangeOf(r).cause = err
		status = http.StatusInternalServerError
		text = []byte(`{"title":"` + titleInternal + `","status":500,"detail":"` + detailInternal + `"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	s.send(w, r, status, text)
}

func encode(body any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(body)
	if err != nil {
		return nil, fmt.Errorf("cannot encode answer: %w", err)
	}
	return buffer.Bytes(), nil
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.limits.Farewell)) // a writer without deadlines has none to move
	w.WriteHeader(status)
	_, err := w.Write(body)
	if err != nil && exchangeOf(r).cause == nil {
		exchangeOf(r).cause = fmt.Errorf("cannot send answer: %w", err)
	}
}

package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"nodobridge/bridge"
)

// pagoPA's print service, 0.9.8 (notices.md §6): notices of what the caller says, one at
// once or a folder of many. Its institutions' data are this station's configuration.

const (
	prefixPrint = "/print-payment-notice-service/external/v1"
	noticesPath = prefixPrint + "/notices"
	folderPath  = noticesPath + "/folder/:" + paramFolder

	paramFolder   = "folder"
	paramTemplate = "template"
)

var (
	folderForm   = &numberForm{paramFolder, regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`), "must be the id of a folder"}
	templateForm = &numberForm{paramTemplate, regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`), "must be the id of a template"}
)

// printServiceOperations have the names of pagoPA's document. The last two are ours: where
// its templateExampleUrl and signedUrl lead.
func printServiceOperations() []operation {
	return []operation{
		{method: http.MethodPost, path: noticesPath + "/generate", anyEC: true, body: true, name: "generateNotice", handle: (*Server).generateNotice},
		{method: http.MethodPost, path: noticesPath + "/generate-massive", anyEC: true, body: true, bulk: true, name: "generateNoticeMassiveRequest", handle: (*Server).generateFolder},
		{method: http.MethodGet, path: noticesPath + "/templates", anyEC: true, name: "getTemplates", handle: (*Server).templates},
		{method: http.MethodGet, path: noticesPath + "/templates/:" + paramTemplate, anyEC: true, number: templateForm, name: "getTemplate", handle: (*Server).template},
		{method: http.MethodGet, path: folderPath + "/status", anyEC: true, number: folderForm, name: "getFolderStatus", handle: (*Server).folderStatus},
		{method: http.MethodGet, path: folderPath + "/error/:" + paramFile, anyEC: true, number: folderForm, file: true, name: "getError", handle: (*Server).folderError},
		{method: http.MethodGet, path: folderPath + "/url", anyEC: true, number: folderForm, name: "getFolderSignedUrlResource", handle: (*Server).folderURL},
		{method: http.MethodGet, path: folderPath + "/file/:" + paramFile + "/url", anyEC: true, number: folderForm, file: true, name: "getSignedUrlResource", handle: (*Server).fileURL},
		{method: http.MethodDelete, path: folderPath, anyEC: true, number: folderForm, name: "deleteFolder", handle: (*Server).deleteFolder},
		{method: http.MethodGet, path: noticesPath + "/templates/:" + paramTemplate + "/example", anyEC: true, number: templateForm, name: "getTemplateExample", handle: (*Server).templateExample},
		{method: http.MethodGet, path: noticesPath + "/signed/:" + paramFolder + "/:" + paramFile, open: true, number: folderForm, file: true, long: true, name: "followSignedUrl", handle: (*Server).followLink},
	}
}

// generateNotice prints one notice, and puts it into a folder when one is named.
func (s *Server) generateNotice(ctx context.Context, c *call) (reply, error) {
	folder := c.query.Get("folderId")
	if folder != "" && !folderForm.pattern.MatchString(folder) {
		return reply{}, c.constraint("folderId", folderForm.rule)
	}
	var m printRequest
	err := decode(c.body, func(r *reader) error {
		return r.object(func(name string) error { return printMember(r, &m, name) })
	})
	if err != nil {
		return reply{}, err
	}
	if m.TemplateID != nil {
		if _, err := bridge.PrintTemplateOf(*m.TemplateID); err != nil {
			return reply{}, err
		}
	}
	v := &violations{}
	order := m.order(v, "")
	if err := v.err(); err != nil {
		return reply{}, err
	}
	if s.printer == nil {
		return reply{}, errNoPrinter
	}
	n, err := s.service.RequestedNotice(ctx, c.by, order)
	var file []byte
	if err == nil {
		file, err = s.printer.Notice(n)
	}
	if err != nil {
		return reply{}, s.notPrinted(c, order.EC, err)
	}
	if folder != "" {
		if err := s.service.PutPrinted(ctx, c.by, folder, order); err != nil {
			return reply{}, err
		}
	}
	answer := document(file, order.File()+".pdf")
	answer.status = http.StatusCreated
	return answer, nil
}

// notPrinted tells a refusal as pagoPA's service does: what cannot be printed is a bad
// request, and an EC that is not the key's is denied as everywhere here.
func (s *Server) notPrinted(c *call, ec bridge.ECCode, err error) error {
	var refusal *bridge.Error
	switch {
	case !errors.As(err, &refusal):
		return err
	case refusal.Code == bridge.CodeNotPrintable:
		return &bridge.Error{Code: bridge.CodeInvalid, Detail: refusal.Detail}
	case refusal.Code == bridge.CodeKeyForbidden:
		c.ec = ec
		exchangeOf(c.request).ec = ec
		return s.denied(c, c.request)
	}
	return err
}

// generateFolder keeps up to bridge.MaxFolder notices for the worker.
func (s *Server) generateFolder(ctx context.Context, c *call) (reply, error) {
	values := c.request.Header.Values(headerIdempotency)
	if len(values) != 1 || !idempotencyForm.MatchString(values[0]) {
		return reply{}, c.constraint(headerIdempotency, "must be one text of 1 to 255 visible ASCII characters")
	}
	orders, err := decodeFolder(c.body)
	if err != nil {
		return reply{}, err
	}
	if s.printer == nil {
		return reply{}, errNoPrinter
	}
	for _, order := range orders {
		if err := s.service.MayPrint(c.by, order); err != nil {
			return reply{}, s.notPrinted(c, order.EC, err)
		}
	}
	id, err := s.service.AcceptFolder(ctx, c.by, values[0], c.hash(), orders)
	if err != nil {
		return reply{}, err
	}
	s.wakePrints()
	return reply{status: http.StatusOK, body: printFolderView{FolderID: id}}, nil
}

type printFolderView struct {
	FolderID string `json:"folder_id"`
}

func decodeFolder(body []byte) ([]*bridge.PrintRequest, error) {
	var m printManyRequest
	err := decode(body, func(r *reader) error {
		return r.object(func(name string) error {
			if name != "notices" {
				return r.skip()
			}
			return list(r, &m.Notices, printMember)
		})
	})
	if err != nil {
		return nil, err
	}
	v := &violations{}
	v.must(len(m.Notices) >= 1 && len(m.Notices) <= bridge.MaxFolder, "notices", fmt.Sprintf("size must be between 1 and %d", bridge.MaxFolder))
	if err := v.err(); err != nil {
		return nil, err
	}
	orders := make([]*bridge.PrintRequest, len(m.Notices))
	for i := range m.Notices {
		orders[i] = m.Notices[i].order(v, fmt.Sprintf("notices[%d].", i))
	}
	return orders, v.err()
}

package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"nodobridge/bridge"
)

// Massive upload, versions 1 and 2 (gpd-api.md §5.1). They take the same files and
// differ in what they tell of them.

// massive is one version's prefix.
const (
	prefixMassiveV1 = "/upload/gpd/debt-positions-service/v1"
	prefixMassiveV2 = "/upload/gpd/debt-positions-service/v2"
	massivePath     = "/brokers/:" + paramBroker + "/organizations/:" + paramEC + "/debtpositions/file"
)

var brokerForm = &numberForm{paramBroker, regexp.MustCompile(`^[0-9A-Za-z]{1,35}$`), "must be the broker's code"}

// massiveOperations is the surface of massive upload, of both versions.
func massiveOperations() []operation {
	var list []operation
	for _, version := range []struct {
		prefix string
		report func(*Server, context.Context, *call) (reply, error)
		status func(*Server, context.Context, *call) (reply, error)
	}{
		{prefixMassiveV1, (*Server).massiveReportV1, (*Server).massiveStatusV1},
		{prefixMassiveV2, (*Server).massiveReportV2, (*Server).massiveStatusV2},
	} {
		at := version.prefix + massivePath
		list = append(list,
			operation{method: http.MethodPost, path: at, number: brokerForm, name: "createMassive", failure: titleInternal, upload: true, handle: (*Server).createMassive},
			operation{method: http.MethodPut, path: at, number: brokerForm, name: "updateMassive", failure: titleInternal, upload: true, handle: (*Server).updateMassive},
			operation{method: http.MethodDelete, path: at, number: brokerForm, name: "deleteMassive", failure: titleInternal, upload: true, handle: (*Server).deleteMassive},
			operation{method: http.MethodGet, path: at + "/:" + paramFile + "/status", number: brokerForm, file: true, name: "getUploadStatus", handle: version.status},
			operation{method: http.MethodGet, path: at + "/:" + paramFile + "/report", number: brokerForm, file: true, name: "getUploadReport", handle: version.report},
			operation{method: http.MethodGet, path: at + "s", number: brokerForm, name: "getFileIds", handle: (*Server).massiveFiles},
		)
	}
	return list
}

// massiveMember is the array that a file of each kind has.
var massiveMember = map[bridge.MassiveOperation]string{
	bridge.MassiveCreate: "paymentPositions", bridge.MassiveUpdate: "paymentPositions", bridge.MassiveDelete: "paymentPositionIUPDs",
}

func (s *Server) createMassive(ctx context.Context, c *call) (reply, error) {
	return s.acceptMassive(ctx, c, bridge.MassiveCreate)
}

func (s *Server) updateMassive(ctx context.Context, c *call) (reply, error) {
	return s.acceptMassive(ctx, c, bridge.MassiveUpdate)
}

func (s *Server) deleteMassive(ctx context.Context, c *call) (reply, error) {
	return s.acceptMassive(ctx, c, bridge.MassiveDelete)
}

// acceptMassive checks a whole file and keeps it. With perRow=true, our extension, a
// row that cannot be taken is an outcome of the report; GPD refuses the whole file.
func (s *Server) acceptMassive(ctx context.Context, c *call, op bridge.MassiveOperation) (reply, error) {
	perRow, err := c.flag("perRow")
	if err != nil {
		return reply{}, err
	}
	if !s.service.Registry().Serves(c.given, c.ec) {
		return reply{}, &bridge.Error{Code: bridge.CodeKeyForbidden}
	}
	// A file may take 100 MB of the store's disk while it is checked: an application that
	// sends many at once must not leave receipts without room.
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	default:
		return reply{}, &bridge.Error{Code: codeBusy, Detail: fmt.Sprintf("%d files are being taken already; try again", cap(s.uploads))}
	}
	file, err := s.receive(c.request)
	if err != nil {
		return reply{}, err
	}
	defer func() {
		if err := file.close(); err != nil {
			s.log.Error("cannot remove an upload's temporary file", "reason", err.Error())
		}
	}()
	if err := checkFile(file, op, perRow); err != nil {
		return reply{}, err
	}
	rows, closer, err := file.rows(massiveMember[op])
	if err != nil {
		return reply{}, err
	}
	defer closer.Close()
	accepted := bridge.MassiveFile{ID: massiveID(c.given, c.ec), Broker: c.given, EC: c.ec, Operation: op, By: c.by}
	if err := s.service.AcceptMassive(ctx, accepted, packed(rows)); err != nil {
		return reply{}, err
	}
	s.wakeMassive()
	return reply{status: http.StatusAccepted, header: http.Header{
		// Relative and without the version, and the pause with its unit, as GPD has them.
		"Location":    {fmt.Sprintf("brokers/%s/organizations/%s/debtpositions/file/%s/status", c.given, c.ec, accepted.ID)},
		"Retry-After": {"2000 ms"},
	}}, nil
}

func massiveID(broker string, ec bridge.ECCode) string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand aborts the process instead
	return broker + "_" + string(ec) + "_" + hex.EncodeToString(b[:])
}

// massiveTime is GPD's spelling of a file's times, in UTC.
func massiveTime(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05") }

// massiveStatus is GPD's UploadStatus, of both versions: a member that is nil is the
// other one's.
type massiveStatus struct {
	UploadID        string `json:"uploadID,omitempty"`
	FileID          string `json:"fileId,omitempty"`
	ProcessedItem   int    `json:"processedItem"`
	SubmittedItem   int    `json:"submittedItem"`
	StartTime       string `json:"startTime"`
	OperationStatus string `json:"operationStatus,omitempty"`
}

func (s *Server) massiveStatusV1(ctx context.Context, c *call) (reply, error) {
	f, err := s.service.MassiveStatus(ctx, c.by, c.given, c.ec, c.file)
	return reply{status: http.StatusOK, body: massiveStatus{UploadID: f.ID, ProcessedItem: f.Processed, SubmittedItem: f.Submitted, StartTime: massiveTime(f.StartedAt)}}, err
}

func (s *Server) massiveStatusV2(ctx context.Context, c *call) (reply, error) {
	f, err := s.service.MassiveStatus(ctx, c.by, c.given, c.ec, c.file)
	return reply{status: http.StatusOK, body: massiveStatus{
		FileID: f.ID, ProcessedItem: f.Processed, SubmittedItem: f.Submitted, StartTime: massiveTime(f.StartedAt), OperationStatus: operationStatus(f),
	}}, err
}

func operationStatus(f bridge.MassiveFile) string {
	switch {
	case f.EndedAt.IsZero():
		return "IN_PROGRESS"
	case f.Failed == 0:
		return "COMPLETED"
	case f.Failed == f.Submitted:
		return "COMPLETED_UNSUCCESSFULLY"
	}
	return "COMPLETED_WITH_WARNINGS"
}

// massiveReport is GPD's UploadReport, of both versions.
type massiveReport struct {
	UploadID      string          `json:"uploadID,omitempty"`
	FileID        string          `json:"fileId,omitempty"`
	ProcessedItem int             `json:"processedItem"`
	SubmittedItem int             `json:"submittedItem"`
	Responses     []massiveAnswer `json:"responses"`
	StartTime     string          `json:"startTime"`
	EndTime       *string         `json:"endTime"`
}

// massiveAnswer is the rows that had one outcome.
type massiveAnswer struct {
	StatusCode    int           `json:"statusCode"`
	StatusMessage string        `json:"statusMessage"`
	RequestIDs    []bridge.IUPD `json:"requestIDs,omitempty"`
	IUPDs         []bridge.IUPD `json:"iupds,omitempty"`
}

func (s *Server) massiveReportV1(ctx context.Context, c *call) (reply, error) {
	f, groups, err := s.service.MassiveReport(ctx, c.by, c.given, c.ec, c.file)
	if err != nil {
		return reply{}, err
	}
	out := reportOf(f)
	out.UploadID = f.ID
	for _, g := range groups {
		out.Responses = append(out.Responses, massiveAnswer{StatusCode: g.Status, StatusMessage: g.Message, RequestIDs: g.IUPDs})
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// massiveReportV2 is refused until the file is worked off (425).
func (s *Server) massiveReportV2(ctx context.Context, c *call) (reply, error) {
	f, groups, err := s.service.MassiveReport(ctx, c.by, c.given, c.ec, c.file)
	if err != nil {
		return reply{}, err
	}
	if err := workedOff(&f); err != nil {
		return reply{}, err
	}
	out := reportOf(f)
	out.FileID = f.ID
	for _, g := range groups {
		out.Responses = append(out.Responses, massiveAnswer{StatusCode: g.Status, StatusMessage: g.Message, IUPDs: g.IUPDs})
	}
	return reply{status: http.StatusOK, body: out}, nil
}

func reportOf(f bridge.MassiveFile) massiveReport {
	out := massiveReport{ProcessedItem: f.Processed, SubmittedItem: f.Submitted, Responses: []massiveAnswer{}, StartTime: massiveTime(f.StartedAt)}
	if !f.EndedAt.IsZero() {
		ended := massiveTime(f.EndedAt)
		out.EndTime = &ended
	}
	return out
}

// workedOff refuses to tell of a file by halves.
func workedOff(f *bridge.MassiveFile) error {
	if !f.EndedAt.IsZero() {
		return nil
	}
	return &bridge.Error{Code: codeTooEarly, Detail: fmt.Sprintf("%d of %d rows are worked off", f.Processed, f.Submitted)}
}

package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"nodobridge/bridge"
)

// GPD's public base paths (gpd-api.md §3.1); the second is the external bulk's.
const (
	prefixV1 = "/gpd/debt-positions-service/v1"
	prefixV2 = "/gpd/debt-positions-service/v2"
	prefixV3 = "/gpd/debt-positions-service/v3"

	prefixReceipts = "/gpd/payments-receipts-service/v1"
)

// Names of the path parameters.
const (
	paramEC   = "ec"
	paramIUPD = "iupd"
	paramNAV  = "nav"
	paramIUV  = "iuv"

	paramTransfer = "transfer"
	paramBroker   = "broker"
	paramFile     = "file"
)

// operation is one row of gpd-api.md §3.2.
type operation struct {
	method string
	path   string
	// name is GPD's name of the method: the constraints of path and query are
	// reported under it (gpd-api.md §4.1 step 5).
	name string
	// failure is the title of an unexpected failure (gpd-api.md §4.2, 500).
	failure string
	// open operations need no key and have no EC; those of anyEC need a key and find in
	// their body, or in what is stored, for which ECs they are.
	open  bool
	anyEC bool
	// body says that a JSON body is read; bulk that it may be a long one.
	body bool
	bulk bool
	// iupd is the form of the path's IUPD; nil when the path has none. number is that
	// of another number in it.
	iupd   *iupdForm
	number *numberForm
	// transfer says that the path has the number of a transfer, file that it has the id
	// of an uploaded file; upload that a file comes in the body.
	transfer bool
	file     bool
	upload   bool
	// sheet says that a table comes in the body; long that the work may take long.
	sheet  bool
	long   bool
	handle func(*Server, context.Context, *call) (reply, error)
}

const (
	positionsPath   = prefixV1 + "/organizations/:" + paramEC + "/debtpositions"
	positionPath    = positionsPath + "/:" + paramIUPD
	positionsV3Path = prefixV3 + "/organizations/:" + paramEC + "/debtpositions"
	positionV3Path  = positionsV3Path + "/:" + paramIUPD
	receiptsPath    = prefixReceipts + "/payments/:" + paramEC + "/receipts"
	bulkPath        = prefixV2 + "/organizations/:" + paramEC + "/debtpositions"
)

// operations is the whole surface.
var operations = []operation{
	{method: http.MethodGet, path: "/info", name: "getInfo", open: true, handle: (*Server).getInfo},
	{method: http.MethodGet, path: prefixV1 + "/info", name: "getInfo", open: true, handle: (*Server).getInfo},
	{method: http.MethodPost, path: positionsPath, name: "createDebtPosition", failure: "The debt position creation is failed", body: true, handle: (*Server).createPosition},
	{method: http.MethodGet, path: positionsPath, name: "getOrganizationDebtPositions", handle: (*Server).listPositions},
	{method: http.MethodGet, path: positionPath, iupd: iupdReadable, name: "getOrganizationDebtPositionByIUPD", handle: (*Server).getPosition},
	{method: http.MethodPut, path: positionPath, iupd: iupdAny, name: "updateDebtPosition", failure: "The debt position update is failed", body: true, handle: (*Server).updatePosition},
	{method: http.MethodDelete, path: positionPath, iupd: iupdReadable, name: "deleteDebtPosition", failure: "The debt position delete is failed", handle: (*Server).deletePosition},
	{method: http.MethodPost, path: positionPath + "/publish", iupd: iupdAny, name: "publishDebtPosition", failure: "The debt position publish is failed", handle: (*Server).publishPosition},
	{method: http.MethodPost, path: positionPath + "/invalidate", iupd: iupdAny, name: "invalidateDebtPosition", failure: "The debt position invalidate is failed", handle: (*Server).invalidatePosition},
	{method: http.MethodPatch, path: positionsPath + "/transfers", name: "updateTransferIbanMassive", failure: titleInternal, body: true, handle: (*Server).changeIBAN},

	{method: http.MethodPost, path: positionsPath + "/bulk", name: "createMultipleDebtPositions", failure: "The debt position creation is failed", body: true, bulk: true, handle: (*Server).createPositions},
	{method: http.MethodPut, path: positionsPath, name: "updateMultipleDebtPositions", failure: "The debt position update is failed", body: true, bulk: true, handle: (*Server).updatePositions},
	{method: http.MethodDelete, path: positionsPath, name: "deleteMultipleDebtPositions", failure: "The debt position delete is failed", body: true, handle: (*Server).deletePositions},
	{method: http.MethodPost, path: bulkPath, name: "createMultipleDebtPositions", failure: "The debt position creation is failed", body: true, bulk: true, handle: (*Server).createPositions},
	{method: http.MethodPut, path: bulkPath, name: "updateMultipleDebtPositions", failure: "The debt position update is failed", body: true, bulk: true, handle: (*Server).updatePositions},
	{method: http.MethodDelete, path: bulkPath, name: "deleteMultipleDebtPositions", failure: "The debt position delete is failed", body: true, handle: (*Server).deletePositions},
	{method: http.MethodPost, path: prefixV1 + "/organizations/:" + paramEC + "/paymentoptions/paids/:" + paramNAV, number: navForm, name: "setPaymentOptionAsAlreadyPaid", failure: "The pay call for a payment option is failed", body: true, handle: (*Server).alreadyPaid},

	{method: http.MethodGet, path: receiptsPath, name: "getOrganizationReceipts", handle: (*Server).listReceipts},
	{method: http.MethodGet, path: receiptsPath + "/:" + paramIUV, number: iuvForm, name: "getReceiptByIUV", handle: (*Server).getReceipt},

	{method: http.MethodGet, path: prefixV3 + "/info", name: "getInfo", open: true, handle: (*Server).getInfo},
	{method: http.MethodPost, path: positionsV3Path, name: "createPosition", failure: "The debt position creation is failed", body: true, handle: (*Server).createPositionV3},
	{method: http.MethodGet, path: positionsV3Path, name: "getOrganizationDebtPositions", handle: (*Server).listPositionsV3},
	{method: http.MethodGet, path: positionV3Path, iupd: iupdReadable, name: "getOrganizationDebtPositionByIUPD", handle: (*Server).getPositionV3},
	{method: http.MethodPut, path: positionV3Path, iupd: iupdAny, name: "updatePosition", failure: "The debt position update is failed", body: true, handle: (*Server).updatePositionV3},
	{method: http.MethodDelete, path: positionV3Path, iupd: iupdReadable, name: "deletePosition", failure: "The debt position delete is failed", handle: (*Server).deletePosition},
	{method: http.MethodPost, path: positionV3Path + "/publish", iupd: iupdAny, name: "publishPosition", failure: "The debt position publish is failed", handle: (*Server).publishPositionV3},
	{method: http.MethodPost, path: positionV3Path + "/invalidate", iupd: iupdAny, name: "invalidatePosition", failure: "The debt position invalidate is failed", handle: (*Server).invalidatePositionV3},
}

// publicOperations is the surface of a server that asks for keys.
func publicOperations() []operation {
	surface := append(operations[:len(operations):len(operations)], massiveOperations()...)
	return slices.Concat(surface, ownOperations(), webhookOperations(), portalOperations(), sheetOperations(), printOperations(), printServiceOperations(), numberOperations())
}

// surface is what this server serves.
func (s *Server) surface() []operation {
	if s.compat {
		return compatOperations()
	}
	return publicOperations()
}

// Operation is one row of the surface, for who describes or tries it whole.
type Operation struct {
	Method string
	Path   string // with parameters such as :ec
	Open   bool   // asks for no key
	Scope  bridge.Scope
}

// Operations is the surface of a server that asks for keys.
func Operations() []Operation {
	var list []Operation
	for _, op := range publicOperations() {
		list = append(list, Operation{op.method, op.path, op.open, op.scope()})
	}
	return list
}

// router is everything that is Echo's: only the choice of an operation and the
// path's parameters. Handlers see a call, never Echo, so that another router, or
// the next major of this one, changes this file alone.
func (s *Server) router() http.Handler {
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()         // never believe X-Forwarded-For (reliability-security.md §0.6)
	e.SchemeExtractor = echo.ExtractSchemeDirect() // nor X-Forwarded-Proto
	e.HTTPErrorHandler = s.routingFailed
	surface := s.surface()
	for i := range surface {
		op := &surface[i]
		e.Add(op.method, op.path, func(c echo.Context) error {
			s.serve(c.Response().Writer, c.Request(), op, pathParameter(c))
			return nil
		})
	}
	pages := echo.WrapHandler(s.pages())
	e.GET(openapiPath+"*", pages)
	e.GET(docsPath+"*", pages)
	return e
}

// pathParameter reads parameters unescaped exactly once: Echo hands them out as
// they were sent when the path has an unusual escape, else unescaped.
func pathParameter(c echo.Context) func(name string) (string, error) {
	return func(name string) (string, error) {
		if c.Request().URL.RawPath == "" {
			return c.Param(name), nil
		}
		return url.PathUnescape(c.Param(name))
	}
}

// routingFailed answers what Echo itself refuses. For a wrong method it has set
// Allow.
func (s *Server) routingFailed(err error, c echo.Context) {
	switch {
	case errors.Is(err, echo.ErrNotFound):
		err = &bridge.Error{Code: codeNoRoute, Detail: "there is no such resource"}
	case errors.Is(err, echo.ErrMethodNotAllowed):
		err = &bridge.Error{Code: codeNoMethod, Detail: "the resource has no such method"}
	}
	s.refuse(c.Response().Writer, c.Request(), &operation{}, err)
}

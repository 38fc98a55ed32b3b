package api

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"nodobridge/bridge"
)

// Where a key is presented: as GPD's clients do, or under the name that most others
// have. Never in the query, which others log.
const (
	headerKey      = "Ocp-Apim-Subscription-Key"
	headerOtherKey = "X-Api-Key"
)

// presented is the one key of a request; two are none.
func presented(header http.Header) string {
	keys := append(header.Values(headerKey), header.Values(headerOtherKey)...)
	if len(keys) != 1 {
		return ""
	}
	return keys[0]
}

// call is one authorised request for an operation, freed of the router.
type call struct {
	op    *operation
	by    bridge.Principal
	ec    bridge.ECCode
	iupd  bridge.IUPD // "" when the path has none
	given string      // another number in the path: a NAV or IUV

	transfer int    // the number of a transfer in the path
	file     string // the id of an uploaded file in the path
	request  *http.Request
	query    url.Values
	body     []byte
	leave    func() // gives the body's memory back; nil for none
}

// reply is the answer to a call that was not refused.
type reply struct {
	status int
	body   any    // nil: none
	raw    []byte // in its place, when the answer is written already
	kind   string // content type of raw
	header http.Header
	stream func(io.Writer) error // in the place of raw, when it is long
}

// serve takes a request through the steps of gpd-api.md §4.1 that are the same
// for every operation, in their order.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, op *operation, path func(string) (string, error)) {
	exchangeOf(r).route = op.path
	c := &call{op: op, request: r}
	err := s.admit(c, r, w.Header(), path)
	if err == nil {
		err = s.read(c, w, r)
	}
	if c.leave != nil {
		defer c.leave()
	}
	if err != nil {
		s.refuse(w, r, op, err)
		return
	}
	// The time that a slow body took is not the use case's; an upload's is.
	work := s.limits.Work
	if op.upload || op.long {
		work = s.limits.Upload
	}
	ctx, cancel := context.WithTimeout(r.Context(), work)
	defer cancel()
	answer, err := s.once(ctx, c)
	if err != nil {
		s.refuse(w, r, op, err)
		return
	}
	maps.Copy(w.Header(), answer.header)
	switch {
	case answer.stream != nil:
		s.stream(w, r, op, &answer)
		return
	case answer.raw != nil:
		w.Header().Set("Content-Type", orElse(answer.kind, "application/json"))
		s.send(w, r, answer.status, answer.raw)
		return
	case answer.body == nil:
		nothing(w, answer.status)
		return
	}
	s.write(w, r, answer.status, answer.body)
}

// admit checks the key (401) and how often it calls (429), then the form of the EC (400), then that the key
// is bound to it (403). The 403 comes before anything of the EC is looked at, so
// it is the same whether or not the resource exists (reliability-security.md §3.3).
func (s *Server) admit(c *call, r *http.Request, header http.Header, path func(string) (string, error)) error {
	if c.op.open {
		return c.parameters(path)
	}
	x := exchangeOf(r)
	if !s.compat {
		ctx, cancel := context.WithTimeout(r.Context(), s.limits.Work)
		defer cancel()
		by, err := s.authenticate(r, header, func() (bridge.Principal, error) { return s.service.Authenticate(ctx, presented(r.Header)) })
		if err != nil {
			return err
		}
		x.key, c.by = by.KeyID, by
		if err := s.throttled(c, header); err != nil {
			return err
		}
	}

	if c.op.anyEC {
		if !c.by.May(c.op.scope()) {
			return s.denied(c, r)
		}
		return c.parameters(path)
	}
	text, err := path(paramEC)
	if err != nil {
		return c.constraint("organizationFiscalCode", ruleEC)
	}
	c.ec, err = bridge.ParseECCode(text)
	if err != nil {
		return c.constraint("organizationFiscalCode", ruleEC)
	}
	x.ec = c.ec
	if s.compat {
		c.by = bridge.Principal{KeyID: compatKey, ECs: []bridge.ECCode{c.ec}}
	}
	if !c.by.MayActFor(c.ec) || !c.by.May(c.op.scope()) {
		return s.denied(c, r)
	}
	c.by = c.by.At(c.ec)
	return c.parameters(path)
}

// parameters reads what else the path has.
func (c *call) parameters(path func(string) (string, error)) error {
	if form := c.op.iupd; form != nil {
		text, err := path(paramIUPD)
		if err != nil || !utf8.ValidString(text) || !form.pattern.MatchString(text) {
			return c.constraint("iupd", form.rule)
		}
		c.iupd = bridge.IUPD(text)
	}
	if form := c.op.number; form != nil {
		text, err := path(form.param)
		if err != nil || !form.pattern.MatchString(text) {
			return c.constraint(form.param, form.rule)
		}
		c.given = text
	}
	if c.op.transfer {
		return c.transferNumber(path)
	}
	if c.op.file {
		var err error
		c.file, err = path(paramFile)
		if err != nil || !fileForm.MatchString(c.file) {
			return c.constraint("fileId", "must be the id of an uploaded file")
		}
	}
	return nil
}

// denied refuses what a key may not do, and has it written down. The answer is the same
// when that fails: it must not depend on anything that is there or not.
func (s *Server) denied(c *call, r *http.Request) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), s.limits.Work)
	defer cancel()
	err := s.service.NoteDenied(ctx, c.by, c.ec, c.op.name)
	return &bridge.Error{Code: bridge.CodeKeyForbidden, Err: err}
}

// numberForm is what a NAV or IUV in the path must look like: whatever GPD takes when
// a position is created, and its custom numbers too (gpd-api.md §1.2).
type numberForm struct {
	param   string
	pattern *regexp.Regexp
	rule    string
}

var fileForm = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)

var (
	navForm = &numberForm{paramNAV, regexp.MustCompile(`^[\x21-\x7e]{1,255}$`), "must be 1 to 255 visible ASCII characters"}
	iuvForm = &numberForm{paramIUV, regexp.MustCompile(`^[\x21-\x7e]{1,255}$`), "must be 1 to 255 visible ASCII characters"}
)

// scope is what a key needs for the operation: reading is told from writing by the
// method, receipts by their path.
func (op *operation) scope() bridge.Scope {
	switch {
	case op.method != http.MethodGet:
		return bridge.PositionsWrite
	case slices.ContainsFunc(receiptReads, func(path string) bool { return strings.HasPrefix(op.path, path) }):
		return bridge.ReceiptsRead
	}
	return bridge.PositionsRead
}

// iupdForm is what a path's IUPD must look like.
type iupdForm struct {
	pattern *regexp.Regexp
	rule    string
}

// GPD asks the form of an IUPD for reading and deleting only, so a position that
// cannot be read can still be published (gpd-api.md §1.1). \h is Java's
// horizontal blank.
var (
	iupdReadable = &iupdForm{
		pattern: regexp.MustCompile(`^[0-9A-Za-z_*\t \x{a0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}-]{1,255}$`),
		rule:    `must match "[\w*\h-]+"`,
	}
	iupdAny = &iupdForm{
		pattern: regexp.MustCompile(`^[^\x00-\x1f\x7f]{1,255}$`),
		rule:    "must be 1 to 255 characters, none of them a control character",
	}
)

const ruleEC = `must match "\d{11}"`

// constraint is a broken constraint of path or query, under GPD's name for it
// (gpd-api.md §4.1 step 5).
func (c *call) constraint(parameter, rule string) error {
	return invalid(bridge.FieldError{Field: c.op.name + "." + parameter, Rule: rule})
}

// parameterValue is GPD's text for a parameter of a wrong type (gpd-api.md §3.3).
func parameterValue(parameter, value string) error {
	const most = 64 // an echo, not a mirror
	if runes := []rune(value); len(runes) > most {
		value = string(runes[:most])
	}
	return &bridge.Error{Code: bridge.CodeInvalid, Field: parameter, Detail: fmt.Sprintf("Invalid value %s for property %s", value, parameter)}
}

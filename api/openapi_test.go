package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nodobridge/api"
)

// schema is as much of an OpenAPI schema as gpd.json uses.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Format     string             `json:"format"`
	Enum       []string           `json:"enum"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	WriteOnly  bool               `json:"writeOnly"`
}

// contract is the official description of GPD, where it is at hand.
type contract struct {
	Paths      map[string]map[string]json.RawMessage `json:"paths"` // a path's parameters stand among its methods
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`
}

// answer is the schema that the contract gives for an answer, nil when it gives
// none.
func (c *contract) answer(t testing.TB, path, method, status string) *schema {
	t.Helper()
	var operation struct {
		Responses map[string]struct {
			Content map[string]struct {
				Schema *schema `json:"schema"`
			} `json:"content"`
		} `json:"responses"`
	}
	if err := json.Unmarshal(c.Paths[path][method], &operation); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return operation.Responses[status].Content["application/json"].Schema
}

func officialContract(t *testing.T, name string) *contract {
	t.Helper()
	dir := os.Getenv("PAGOPA_API_DIR")
	if dir == "" {
		dir = "../../shared/pagopa-api"
	}
	text, err := os.ReadFile(filepath.Join(dir, "openapi", name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("pagoPA's %s is not at hand: set PAGOPA_API_DIR (%v)", name, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var c contract
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

// check compares a value with a schema: exactly the properties that it names,
// their types, null only where a property is not required and is no array.
func (c *contract) check(s *schema, value any, at string) []string {
	if s.Ref != "" {
		s = c.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	switch s.Type {
	case "object":
		members, ok := value.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is a %T, not an object", at, value)}
		}
		return c.checkMembers(s, members, at)
	case "array":
		items, ok := value.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is a %T, not an array", at, value)}
		}
		var faults []string
		for i, item := range items {
			faults = append(faults, c.check(s.Items, item, fmt.Sprintf("%s[%d]", at, i))...)
		}
		return faults
	case "string":
		return checkText(s, value, at)
	case "integer":
		if n, ok := value.(json.Number); !ok || strings.ContainsAny(n.String(), ".eE") {
			return []string{fmt.Sprintf("%s is %v, not an integer", at, value)}
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			return []string{fmt.Sprintf("%s is %v, not a boolean", at, value)}
		}
	default:
		return []string{at + " has a schema of type " + s.Type}
	}
	return nil
}

func (c *contract) checkMembers(s *schema, members map[string]any, at string) []string {
	var faults []string
	for name := range members {
		if s.Properties[name] == nil {
			faults = append(faults, at+"."+name+" is no property")
		}
	}
	for name, property := range s.Properties {
		value, there := members[name]
		required := slices.Contains(s.Required, name)
		switch {
		case !there && property.WriteOnly:
		case !there:
			faults = append(faults, at+"."+name+" is missing")
		case value == nil && (required || property.Type == "array"):
			faults = append(faults, at+"."+name+" is null")
		case value != nil:
			faults = append(faults, c.check(property, value, at+"."+name)...)
		}
	}
	return faults
}

func checkText(s *schema, value any, at string) []string {
	text, ok := value.(string)
	switch {
	case !ok:
		return []string{fmt.Sprintf("%s is a %T, not a string", at, value)}
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, text):
		return []string{fmt.Sprintf("%s is %q, none of %v", at, text, s.Enum)}
	case s.Format == "date-time" && (len(text) < len("2006-01-02T15:04:05") || text[10] != 'T' || strings.ContainsAny(text, "Z+")):
		return []string{fmt.Sprintf("%s is %q, no local date-time", at, text)}
	}
	return nil
}

// TestAnswers_HaveTheOfficialShape: every answer that pagoPA describes has the
// shape that it describes, member by member.
func TestAnswers_HaveTheOfficialShape(t *testing.T) {
	t.Parallel()
	c := officialContract(t, "gpd.json")
	s := newStation(t, api.Limits{})
	full := edited(minimal, "validityDate", "2026-11-24T12:00:00", option0+"retentionDate", "2027-12-31T00:00:00", option0+"paymentOptionMetadata", object(`[{"key":"a","value":"1"}]`),
		transfer0+"transferMetadata", object(`[{"key":"b","value":"2"}]`), "paymentOption.1", object(optionJSON), "paymentOption.1.iuv", "2",
		"paymentOption.1.transfer.0.iban", nil, "paymentOption.1.transfer.0.stamp", object(stampJSON))
	const positions, position = "/organizations/{organizationfiscalcode}/debtpositions", "/organizations/{organizationfiscalcode}/debtpositions/{iupd}"
	const paid = "/organizations/{organizationfiscalcode}/paymentoptions/paids/{nav}"
	for _, step := range []described{
		{post(ours, full), positions, "post", "201"},
		{post(ours, full), positions, "post", "409"},
		{post(ours, "{}"), positions, "post", "400"},
		{get(ours), positions, "get", "200"},
		{get(ours + "?limit=51"), positions, "get", "400"},
		{get(one), position, "get", "200"},
		{get(ours + "/none"), position, "get", "404"},
		{post(one+"/publish", ""), position + "/publish", "post", "200"},
		{post(one+"/publish", ""), position + "/publish", "post", "409"},
		{post(ours+"/none/publish", ""), position + "/publish", "post", "404"},
		{get(one), position, "get", "200"},
		{replace(one, full), position, "put", "200"},
		{replace(one, "{}"), position, "put", "400"},
		{replace(ours+"/none", edited(full, "iupd", "none")), position, "put", "404"},
		{post(one+"/invalidate", ""), position + "/invalidate", "post", "409"},
		{replace(one+"?toPublish=true", full), position, "put", "200"},
		{alter(ours+"/transfers?oldIban=IT60X0542811101000000123456", `{"newIban":"IT96R0123454321000000012345"}`), positions + "/transfers", "patch", "200"},
		{alter(ours+"/transfers", `{"newIban":"x"}`), positions + "/transfers", "patch", "400"},
		{post(one+"/invalidate", ""), position + "/invalidate", "post", "200"},
		{replace(one, full), position, "put", "409"},
		{remove(one), position, "delete", "200"},
		{remove(one), position, "delete", "404"},
		{post(paids, "{}"), paid, "post", "404"},
		{post(ours, minimal), positions, "post", "201"},
		{post(paids, "{}"), paid, "post", "200"},
		{post(paids, "{}"), paid, "post", "409"},
	} {
		s.described(c, step)
	}
	info := s.do(get("/info"))
	for _, fault := range c.check(c.Components.Schemas["AppInfo"], parse(t, info.body), "info") {
		t.Error(fault)
	}
}

// described is a call whose answer the official contract describes.
type described struct {
	r      request
	path   string
	method string
	status string
}

func (s *station) described(c *contract, step described) {
	s.t.Helper()
	got := s.do(step.r)
	if fmt.Sprint(got.status) != step.status {
		s.t.Errorf("%s %s: status %d, want %s: %s", step.r.method, step.r.path, got.status, step.status, got.body)
		return
	}
	shape := c.answer(s.t, step.path, step.method, step.status)
	if shape == nil {
		s.t.Errorf("%s %s: %s is not described", step.method, step.path, step.status)
		return
	}
	for _, fault := range c.check(shape, parse(s.t, got.body), "answer") {
		s.t.Errorf("%s %s %s: %s", step.method, step.path, step.status, fault)
	}
}

// TestAnswersV3_HaveTheOfficialShape is the same for version 3.
func TestAnswersV3_HaveTheOfficialShape(t *testing.T) {
	t.Parallel()
	c := officialContract(t, "gpd_v3.json")
	s := newStation(t, api.Limits{})
	full := edited(minimalV3, "paymentOption.0.validityDate", tomorrow, "paymentOption.0.retentionDate", "2027-12-31T00:00:00",
		instalment0+"installmentMetadata", object(`[{"key":"a","value":"1"}]`), instalment0+"transfer.0.transferMetadata", object(`[{"key":"b","value":"2"}]`),
		"paymentOption.0.debtor.email", "mario@example.org", "officeName", "Tributi")
	const positions, position = "/organizations/{organizationfiscalcode}/debtpositions", "/organizations/{organizationfiscalcode}/debtpositions/{iupd}"
	for _, step := range []described{
		{post(oursV3, full), positions, "post", "201"},
		{post(oursV3, full), positions, "post", "409"},
		{post(oursV3, "{}"), positions, "post", "400"},
		{get(oursV3), positions, "get", "200"},
		{get(oursV3 + "?limit=51"), positions, "get", "400"},
		{get(oneV3), position, "get", "200"},
		{get(oursV3 + "/none"), position, "get", "404"},
		{replace(oneV3, full), position, "put", "200"},
		{replace(oneV3, "{}"), position, "put", "400"},
		{replace(oursV3+"/none", edited(full, "iupd", "none")), position, "put", "404"},
		{post(oneV3+"/publish", ""), position + "/publish", "post", "200"},
		{post(oneV3+"/publish", ""), position + "/publish", "post", "409"},
		{post(oursV3+"/none/publish", ""), position + "/publish", "post", "404"},
		{remove(oneV3), position, "delete", "200"},
		{remove(oneV3), position, "delete", "404"},
	} {
		s.described(c, step)
	}
}

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
func (c *contract) answer(t *testing.T, path, method, status string) *schema {
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

func officialContract(t *testing.T) *contract {
	t.Helper()
	dir := os.Getenv("PAGOPA_API_DIR")
	if dir == "" {
		dir = "../../shared/pagopa-api"
	}
	text, err := os.ReadFile(filepath.Join(dir, "openapi", "gpd.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("pagoPA's gpd.json is not at hand: set PAGOPA_API_DIR (%v)", err)
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
	c := officialContract(t)
	s := newStation(t, api.Limits{})
	full := edited(minimal, "validityDate", "2026-11-24T12:00:00", option0+"retentionDate", "2027-12-31T00:00:00", option0+"paymentOptionMetadata", object(`[{"key":"a","value":"1"}]`),
		transfer0+"transferMetadata", object(`[{"key":"b","value":"2"}]`), "paymentOption.1", object(optionJSON), "paymentOption.1.iuv", "2",
		"paymentOption.1.transfer.0.iban", nil, "paymentOption.1.transfer.0.stamp", object(stampJSON))
	const positions, position = "/organizations/{organizationfiscalcode}/debtpositions", "/organizations/{organizationfiscalcode}/debtpositions/{iupd}"
	for _, step := range []struct {
		r      request
		path   string
		method string
		status string
	}{
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
		{remove(one), position, "delete", "200"},
		{remove(one), position, "delete", "404"},
	} {
		got := s.do(step.r)
		if fmt.Sprint(got.status) != step.status {
			t.Errorf("%s %s: status %d, want %s: %s", step.r.method, step.r.path, got.status, step.status, got.body)
			continue
		}
		described := c.answer(t, step.path, step.method, step.status)
		if described == nil {
			t.Errorf("%s %s: %s is not described", step.method, step.path, step.status)
			continue
		}
		for _, fault := range c.check(described, parse(t, got.body), "answer") {
			t.Errorf("%s %s %s: %s", step.method, step.path, step.status, fault)
		}
	}
	info := s.do(get("/info"))
	for _, fault := range c.check(c.Components.Schemas["AppInfo"], parse(t, info.body), "info") {
		t.Error(fault)
	}
}

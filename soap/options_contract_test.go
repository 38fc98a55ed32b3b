package soap_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// optionsSchema is as much of an OpenAPI schema as orgs_payment_options.json uses.
type optionsSchema struct {
	Ref        string                    `json:"$ref"`
	Type       string                    `json:"type"`
	Format     string                    `json:"format"`
	Enum       []string                  `json:"enum"`
	Properties map[string]*optionsSchema `json:"properties"`
	Items      *optionsSchema            `json:"items"`
}

// optionsContract is pagoPA's description of the service.
type optionsContract struct {
	Info       struct{ Description string }
	Components struct{ Schemas map[string]*optionsSchema }
}

func officialOptions(t *testing.T) *optionsContract {
	t.Helper()
	dir := os.Getenv("PAGOPA_API_DIR")
	if dir == "" {
		dir = "../../shared/pagopa-api"
	}
	text, err := os.ReadFile(filepath.Join(dir, "openapi", "orgs_payment_options.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("NOT COMPARED: pagoPA's orgs_payment_options.json is not at hand, set PAGOPA_API_DIR (%v)", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := new(optionsContract)
	if err := json.Unmarshal(text, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// compare walks a value along a schema and names what is missing from it, more
// than it knows, or of another type.
func (c *optionsContract) compare(s *optionsSchema, value any, at string, faults *[]string) {
	if s.Ref != "" {
		s = c.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	}
	fits := false
	switch v := value.(type) {
	case map[string]any:
		fits = s.Type == "object"
		for name, property := range s.Properties {
			if member, there := v[name]; there {
				c.compare(property, member, at+"."+name, faults)
				continue
			}
			*faults = append(*faults, at+"."+name+" is missing")
		}
		for name := range v {
			if s.Properties[name] == nil {
				*faults = append(*faults, at+"."+name+" is unknown")
			}
		}
	case []any:
		fits = s.Type == "array"
		for i := range v {
			c.compare(s.Items, v[i], fmt.Sprintf("%s[%d]", at, i), faults)
		}
	case json.Number:
		_, err := v.Int64()
		fits = s.Type == "integer" && err == nil
	case bool:
		fits = s.Type == "boolean"
	case string:
		fits = s.Type == "string" && (s.Enum == nil || slices.Contains(s.Enum, v))
		if s.Format == "date-time" {
			_, err := time.Parse("2006-01-02T15:04:05.999999", v)
			fits = fits && err == nil
		}
	}
	if !fits {
		*faults = append(*faults, fmt.Sprintf("%s is %v, which is no %s %s %v", at, value, s.Type, s.Format, s.Enum))
	}
}

// Every answer against the official description, with a debt in each state.
func TestPaymentOptions_OfficialContract(t *testing.T) {
	t.Parallel()
	c := officialOptions(t)
	s := newStation(t, openStore(t), soap.Limits{})
	for n := int64(1); n <= 41; n += 10 {
		p := testkit.Plan(n)
		p.Options[1].Description = "Due rate"
		p.Options[1].SwitchToExpired = n > 21
		s.create(t, p, true)
	}
	s.post(t, receiptOf(string(testkit.NAV(1)), "r1")).wantOK(t)
	s.post(t, strings.ReplaceAll(receiptOf(string(testkit.NAV(12)), "r2"), "120.00", "60.00")).wantOK(t)
	cancel(t, s, "POS-31")
	seen := map[string]bool{}
	check := func(a answer, status int, schema string) {
		t.Helper()
		decoder := json.NewDecoder(bytes.NewReader(a.body))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil || a.status != status {
			t.Fatalf("HTTP %d, %v: %s", a.status, err, a.body)
		}
		var faults []string
		c.compare(c.Components.Schemas[schema], value, schema, &faults)
		if len(faults) > 0 {
			t.Errorf("%s\n%s", strings.Join(faults, "\n"), a.body)
		}
		for _, state := range regexp.MustCompile(`"POI?_[A-Z_]+"`).FindAllString(string(a.body), -1) {
			seen[strings.Trim(state, `"`)] = true
		}
	}
	ec := string(testkit.EC)
	for _, day := range []time.Duration{0, 60} {
		s.clock.Set(testkit.Noon.Add(day * 24 * time.Hour))
		for n := int64(1); n <= 41; n += 10 {
			check(s.options(t, ec, string(testkit.NAV(n))), http.StatusOK, "PaymentOptionsResponse")
		}
	}
	check(s.options(t, ec, string(testkit.NAV(99))), http.StatusNotFound, "ErrorResponse")
	check(s.options(t, ec, "1"), http.StatusBadRequest, "ErrorResponse")
	for _, state := range slices.Concat(c.Components.Schemas["EnumPo"].Enum, c.Components.Schemas["EnumInstallment"].Enum) {
		if !seen[state] {
			t.Errorf("no answer was %s", state)
		}
	}
}

// The table of errors is the one in the official description's text.
func TestPaymentOptions_OfficialErrors(t *testing.T) {
	t.Parallel()
	var want []string
	for _, row := range regexp.MustCompile(`\*\*(ODP-\d+)\*\* \| \*(\d+) [^*]+\* \| (PAA_[A-Z_]+)`).FindAllStringSubmatch(officialOptions(t).Info.Description, -1) {
		want = append(want, strings.Join(row[1:], " "))
	}
	if got := soap.ODPErrors(); len(want) != 11 || !slices.Equal(got, want) {
		t.Errorf("the errors are\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

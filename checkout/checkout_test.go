package checkout_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/checkout"
	"nodobridge/outbound"
)

var rules = outbound.Rules{AllowPrivate: []string{"127.0.0.1"}}

func sample() *bridge.Cart {
	return &bridge.Cart{
		EC: "77777777777", ID: "C-1", Email: "mario@example.org", AllCCP: true,
		Notices: []bridge.CartNotice{{NAV: "302000000000000101", Amount: 1050, CompanyName: "Comune di Prova", Description: "TARI"}},
		Return:  bridge.ReturnURLs{OK: "https://c.example/ok", Cancel: "https://c.example/no", Error: "https://c.example/e", Waiting: "https://c.example/w"},
	}
}

// TestOpen_SendsWhatTheContractNames: the members of CartRequest and CartRequestV2, and
// the key.
func TestOpen_SendsWhatTheContractNames(t *testing.T) {
	t.Parallel()
	for version, waiting := range map[string]string{"v1": "", "v2": `,"returnWaitingUrl":"https://c.example/w"`} {
		var got, key string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got, key = r.URL.Path+" "+string(body), r.Header.Get("Ocp-Apim-Subscription-Key")
			http.Redirect(w, r, "https://checkout.example/c/1", http.StatusFound)
		}))
		t.Cleanup(server.Close)
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte("s3gret0\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := checkout.New(checkout.Config{URL: server.URL + "/checkout/ec/" + version + "/", KeyFile: file, Rules: rules})
		if err != nil {
			t.Fatal(err)
		}
		page, err := c.Open(t.Context(), sample())
		if err != nil || page != "https://checkout.example/c/1" || key != "s3gret0" {
			t.Errorf("%s: %s, %v, key %s", version, page, err, key)
		}
		want := `/checkout/ec/` + version + `/carts {"emailNotice":"mario@example.org","paymentNotices":[{"noticeNumber":"302000000000000101","fiscalCode":"77777777777","amount":1050,"companyName":"Comune di Prova",` +
			`"description":"TARI"}],"returnUrls":{"returnOkUrl":"https://c.example/ok","returnCancelUrl":"https://c.example/no","returnErrorUrl":"https://c.example/e"` + waiting + `},"idCart":"C-1","allCCP":true}`
		if got != want {
			t.Errorf("sent %s\nwant %s", got, want)
		}
	}
}

// TestOpen_HasTheOfficialMembers: what is sent has the required members of pagoPA's file
// and no others than it names.
func TestOpen_HasTheOfficialMembers(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("PAGOPA_API_DIR")
	if dir == "" {
		dir = "../../shared/pagopa-api"
	}
	text, err := os.ReadFile(filepath.Join(dir, "openapi", "checkout_v2.json"))
	if err != nil {
		t.Skipf("pagoPA's checkout_v2.json is not at hand: set PAGOPA_API_DIR (%v)", err)
	}
	var official struct {
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Properties map[string]json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(text, &official); err != nil {
		t.Fatal(err)
	}
	var sent map[string]json.RawMessage
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		http.Redirect(w, r, "https://checkout.example/c/1", http.StatusFound)
	}))
	t.Cleanup(server.Close)
	c, err := checkout.New(checkout.Config{URL: server.URL + "/v2", Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Open(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	schema := official.Components.Schemas["CartRequestV2"]
	for _, name := range schema.Required {
		if sent[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	for name := range sent {
		if schema.Properties[name] == nil {
			t.Errorf("%s is no member", name)
		}
	}
	var notices []map[string]json.RawMessage
	if err := json.Unmarshal(sent["paymentNotices"], &notices); err != nil {
		t.Fatal(err)
	}
	for _, name := range official.Components.Schemas["PaymentNotice"].Required {
		if notices[0][name] == nil {
			t.Errorf("paymentNotices.%s is missing", name)
		}
	}
}

func TestOpen_Refusals(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"HTTP 400":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
		"HTTP 200":      func(w http.ResponseWriter, _ *http.Request) {},
		"leads nowhere": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) },
	} {
		server := httptest.NewServer(answer)
		t.Cleanup(server.Close)
		c, err := checkout.New(checkout.Config{URL: server.URL + "/v2", Rules: rules})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Open(t.Context(), sample())
		if bridge.CodeOf(err) != bridge.CodeCartRefused || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "mario") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for url, rule := range map[string]string{"https://example.org/v3": "version", "http://example.org/v2": "https", "https://10.0.0.1/v2": "allow_private"} {
		if _, err := checkout.New(checkout.Config{URL: url, Rules: rules}); err == nil || !strings.Contains(err.Error(), rule) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

package interop_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// damage is a mistake made in the station's answers.
type damage struct {
	name    string
	pattern *regexp.Regexp
	becomes string
}

// damages are the three mistakes a Go station makes most easily, done to its right
// answers on their way to the client. The prefix of the root is the station's business,
// the children have none: that is what makes them easy to find.
var damages = []damage{
	{
		name:    "mandatory element dropped",
		pattern: regexp.MustCompile(`<allCCP>[^<]*</allCCP>`),
		becomes: ``,
	},
	{
		name:    "child qualified",
		pattern: regexp.MustCompile(`<outcome>([^<]*)</outcome>`),
		becomes: `<q:outcome xmlns:q="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd">$1</q:outcome>`,
	},
	{
		name:    "fault moved",
		pattern: regexp.MustCompile(`(?s)(<outcome>[^<]*</outcome>)\s*(<fault>.*</fault>)`),
		becomes: `$2$1`,
	},
}

// judge is a stack that holds an answer against the schema.
type judge struct {
	words string // with which the library, not our client program, refuses
	blind string // the damage that it does not see
}

var judges = map[string]judge{
	"jaxws": {words: "cvc-"},                         // how Xerces starts a schema error
	"gsoap": {words: "gSOAP:", blind: "fault moved"}, // client.cpp's mark; gSOAP reads children in any order
}

// TestJudges_RefuseADamagedAnswer keeps the judges honest: a JAX-WS client whose
// validation of answers were off would praise any station.
func TestJudges_RefuseADamagedAnswer(t *testing.T) {
	wsdlURL, newNotice := station(t)
	turn := turns()
	for _, c := range clients {
		judge, isJudge := judges[c.name]
		if !isJudge {
			continue
		}
		for _, damage := range damages {
			t.Run(c.name+"/"+damage.name, func(t *testing.T) {
				c.require(t)
				t.Parallel()
				turn(t)
				judge.refuse(t, c, wsdlURL, newNotice(2).nav, damage)
			})
		}
	}
}

// refuse lets the judge pay over a proxy that does the damage.
func (j judge) refuse(t *testing.T, c client, wsdlURL, nav string, damage damage) {
	t.Helper()
	var done atomic.Int64
	through := damagingProxy(t, wsdlURL, func(answer []byte) []byte {
		damaged := damage.pattern.ReplaceAll(answer, []byte(damage.becomes))
		if !bytes.Equal(damaged, answer) {
			done.Add(1)
		}
		return damaged
	})
	_, stderr, err := c.start(t, through, nav, 2)
	switch {
	case done.Load() == 0:
		t.Errorf("no answer was damaged, the client said %v:\n%s", err, stderr)
	case damage.name == j.blind:
		if err != nil {
			t.Errorf("README.md says that %s does not see this, but it does:\n%s", c.name, stderr)
		}
	case err == nil:
		t.Error("a damaged answer was accepted")
	case !strings.Contains(stderr, j.words):
		t.Errorf("refused, but not by the schema:\n%s", stderr)
	}
}

// damagingProxy stands before the station, passes its WSDL on with the proxy's own
// address in the place of the station's, and applies change to the answers.
func damagingProxy(t *testing.T, wsdlURL string, change func([]byte) []byte) (through string) {
	t.Helper()
	target, err := url.Parse(wsdlURL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: target.Scheme, Host: target.Host})
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	proxy.ModifyResponse = func(response *http.Response) error {
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		if response.Request.Method == http.MethodPost {
			body = change(body)
		} else {
			address := regexp.MustCompile(`location="[^"]*"`)
			body = address.ReplaceAll(body, []byte(`location="`+server.URL+target.Path+`"`))
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
		response.ContentLength = int64(len(body))
		response.Header.Set("Content-Length", strconv.Itoa(len(body)))
		return nil
	}
	return server.URL + target.RequestURI()
}

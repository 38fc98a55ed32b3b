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

// damages are the three mistakes a Go station makes most easily, done to its right
// answers on their way to the client. The prefix of the root is the station's business,
// the children have none: that is what makes them easy to find.
var damages = []struct {
	name    string
	pattern *regexp.Regexp
	becomes string
}{
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

// TestJAXWS_RefusesADamagedAnswer keeps the judge honest: a JAX-WS client whose
// validation of answers were off would praise any station.
func TestJAXWS_RefusesADamagedAnswer(t *testing.T) {
	wsdlURL, newNotice := station(t)
	judge := clients[len(clients)-1]
	equal(t, "judge", judge.name, "jaxws")
	judge.require(t)
	for _, damage := range damages {
		t.Run(damage.name, func(t *testing.T) {
			var done atomic.Int64
			through := damagingProxy(t, wsdlURL, func(answer []byte) []byte {
				damaged := damage.pattern.ReplaceAll(answer, []byte(damage.becomes))
				if !bytes.Equal(damaged, answer) {
					done.Add(1)
				}
				return damaged
			})
			_, stderr, err := judge.start(t, through, newNotice(2).nav, 2)
			switch {
			case done.Load() == 0:
				t.Errorf("no answer was damaged, the client said %v:\n%s", err, stderr)
			case err == nil:
				t.Error("a damaged answer was accepted")
			case !strings.Contains(stderr, "cvc-"): // how Xerces starts a schema error
				t.Errorf("refused, but not by the schema:\n%s", stderr)
			}
		})
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

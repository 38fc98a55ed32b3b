// Package checkout hands carts to pagoPA's Checkout (Checkout EC API, versions 1 and 2):
// it answers with a redirect to the page where the payer pays.
package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"nodobridge/bridge"
	"nodobridge/outbound"
)

// Config is where Checkout is.
type Config struct {
	URL     string // with the version, e.g. https://api.platform.pagopa.it/checkout/ec/v2
	Key     string // the subscription key; "" for KeyFile's
	KeyFile string // holds it; "" sends none
	Rules   outbound.Rules
}

const budget = 8 * time.Second

// Client opens carts. It is safe for concurrent use.
type Client struct {
	url    string
	key    string
	first  bool // version 1: there is no page for who waits
	client *outbound.Client
}

// New judges the configuration.
func New(c Config) (*Client, error) {
	u, err := c.Rules.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("checkout.url: %w", err)
	}
	path := strings.TrimSuffix(u.Path, "/")
	out := &Client{url: strings.TrimSuffix(c.URL, "/") + "/carts", first: strings.HasSuffix(path, "/v1")}
	if !out.first && !strings.HasSuffix(path, "/v2") {
		return nil, errors.New("checkout.url: must end in the version, /v1 or /v2")
	}
	out.key = c.Key
	if c.KeyFile != "" {
		text, err := os.ReadFile(c.KeyFile)
		out.key = strings.TrimSpace(string(text))
		if err != nil || out.key == "" {
			return nil, errors.New("checkout.key_file: cannot be read or is empty")
		}
	}
	out.client, err = outbound.NewClient(c.Rules)
	if err != nil {
		return nil, fmt.Errorf("checkout.%w", err)
	}
	return out, nil
}

// cartRequest is CartRequestV2; version 1 has no returnWaitingUrl.
type cartRequest struct {
	EmailNotice    string          `json:"emailNotice,omitempty"`
	PaymentNotices []paymentNotice `json:"paymentNotices"`
	ReturnURLs     returnURLs      `json:"returnUrls"`
	IDCart         string          `json:"idCart,omitempty"`
	AllCCP         bool            `json:"allCCP"`
}

type paymentNotice struct {
	NoticeNumber bridge.NoticeNumber `json:"noticeNumber"`
	FiscalCode   bridge.ECCode       `json:"fiscalCode"`
	Amount       bridge.Cents        `json:"amount"`
	CompanyName  string              `json:"companyName"`
	Description  string              `json:"description"`
}

type returnURLs struct {
	OK      string `json:"returnOkUrl"`
	Cancel  string `json:"returnCancelUrl"`
	Error   string `json:"returnErrorUrl"`
	Waiting string `json:"returnWaitingUrl,omitempty"`
}

// Open gives the page to send the payer to.
func (c *Client) Open(ctx context.Context, cart *bridge.Cart) (string, error) {
	request := cartRequest{
		EmailNotice: cart.Email, IDCart: cart.ID, AllCCP: cart.AllCCP,
		ReturnURLs: returnURLs{cart.Return.OK, cart.Return.Cancel, cart.Return.Error, cart.Return.Waiting},
	}
	if c.first {
		request.ReturnURLs.Waiting = ""
	}
	for _, n := range cart.Notices {
		request.PaymentNotices = append(request.PaymentNotices, paymentNotice{n.NAV, cart.EC, n.Amount, n.CompanyName, n.Description})
	}
	body, err := json.Marshal(request)
	if err != nil {
		return "", refused(errors.New("the cart cannot be written"))
	}
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
	if c.key != "" {
		header.Set("Ocp-Apim-Subscription-Key", c.key)
	}
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	answer, err := c.client.Post(ctx, c.url, header, body)
	if err != nil {
		return "", refused(err)
	}
	if answer.Status != http.StatusFound {
		return "", refused(fmt.Errorf("it answered HTTP %d", answer.Status))
	}
	page, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || page.Host == "" || page.Scheme != "https" && page.Scheme != "http" {
		return "", refused(errors.New("its redirect leads nowhere"))
	}
	return page.String(), nil
}

// refused is the one refusal for whatever goes wrong; it repeats nothing of the cart.
func refused(why error) error {
	return &bridge.Error{Code: bridge.CodeCartRefused, Detail: "Checkout does not take the cart: " + why.Error(), Err: fmt.Errorf("cannot open a cart: %w", why)}
}

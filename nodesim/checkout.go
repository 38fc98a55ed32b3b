package nodesim

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// Checkout plays pagoPA's Checkout (Checkout EC API, versions 1 and 2): it takes a cart,
// sends the payer to a page of its own, and pays the cart's notices through a node.
type Checkout struct {
	Node    *Node
	Version Version // of the station, for the receipts
	Base    string  // where its own pages are reached, without a slash at the end

	mu    sync.Mutex
	carts map[string]CheckoutCart
}

// CheckoutCart is what an EC's portal has sent.
type CheckoutCart struct {
	EmailNotice    string
	PaymentNotices []struct {
		NoticeNumber string
		FiscalCode   string
		Amount       int64 // cents
		CompanyName  string
		Description  string
	}
	ReturnURLs struct {
		ReturnOkUrl      string
		ReturnCancelUrl  string
		ReturnErrorUrl   string
		ReturnWaitingUrl string
	} `json:"returnUrls"`
	IDCart string `json:"idCart"`
	AllCCP bool   `json:"allCCP"`
}

// wrong names the first rule of the contract that the cart breaks.
func (c *CheckoutCart) wrong(waiting bool) string {
	if n := len(c.PaymentNotices); n < 1 || n > 5 {
		return "paymentNotices: 1 to 5"
	}
	for _, n := range c.PaymentNotices {
		switch {
		case len(n.NoticeNumber) != 18:
			return "noticeNumber: 18 characters"
		case len(n.FiscalCode) != 11:
			return "fiscalCode: 11 characters"
		case n.Amount < 1:
			return "amount: at least 1"
		case n.CompanyName == "" || len([]rune(n.CompanyName)) > 140:
			return "companyName: at most 140 characters"
		case n.Description == "" || len([]rune(n.Description)) > 140:
			return "description: at most 140 characters"
		}
	}
	pages := []string{c.ReturnURLs.ReturnOkUrl, c.ReturnURLs.ReturnCancelUrl, c.ReturnURLs.ReturnErrorUrl}
	if waiting {
		pages = append(pages, c.ReturnURLs.ReturnWaitingUrl)
	}
	for _, page := range pages {
		if u, err := url.Parse(page); err != nil || page == "" || u.Path == "" && u.Host == "" {
			return "returnUrls: all of them"
		}
	}
	return ""
}

const maxCart = 64 << 10

var cartPath = regexp.MustCompile(`^/(?:checkout/ec/)?(v[12])/carts$`)

// ServeHTTP takes carts (POST …/v1/carts or …/v2/carts), shows them (GET /c/ID) and pays
// them (POST /c/ID).
func (s *Checkout) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if version := cartPath.FindStringSubmatch(r.URL.Path); version != nil && r.Method == http.MethodPost {
		s.take(w, r, version[1] == "v2")
		return
	}
	id, found := strings.CutPrefix(r.URL.Path, "/c/")
	s.mu.Lock()
	cart, known := s.carts[id]
	s.mu.Unlock()
	switch {
	case !found || !known:
		http.NotFound(w, r)
	case r.Method == http.MethodPost && r.URL.Query().Get("do") == "cancel":
		http.Redirect(w, r, cart.ReturnURLs.ReturnCancelUrl, http.StatusSeeOther)
	case r.Method == http.MethodPost:
		http.Redirect(w, r, s.pay(r.Context(), &cart), http.StatusSeeOther)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = cartPage.Execute(w, cart) // the payer has gone
	}
}

func (s *Checkout) take(w http.ResponseWriter, r *http.Request, waiting bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCart))
	var cart CheckoutCart
	rule := ""
	if err == nil {
		err = json.Unmarshal(body, &cart)
	}
	if err == nil {
		rule = cart.wrong(waiting)
	}
	if err != nil || rule != "" || r.Header.Get("Content-Type") != "application/json" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"type":"about:blank","title":"Bad request","status":400,"detail":%q}`, rule)
		return
	}
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails (crypto/rand)
	name := hex.EncodeToString(id)
	s.mu.Lock()
	if s.carts == nil {
		s.carts = map[string]CheckoutCart{}
	}
	s.carts[name] = cart
	s.mu.Unlock()
	w.Header().Set("Location", s.Base+"/c/"+name)
	w.WriteHeader(http.StatusFound)
}

// pay pays every notice and gives the page to go back to.
func (s *Checkout) pay(ctx context.Context, cart *CheckoutCart) string {
	for _, n := range cart.PaymentNotices {
		transfer := "PAGOPA"
		if cart.AllCCP {
			transfer = "POSTAL"
		}
		story, err := s.Node.Pay(ctx, PayRequest{
			EC: n.FiscalCode, NoticeNumber: n.NoticeNumber, Version: s.Version, PaymentNote: cart.IDCart, TransferType: transfer, Retry: Retry{Attempts: 3},
		})
		if err != nil || story.Refusal() != nil || int64(story.Payment.PaymentAmount) != n.Amount {
			return cart.ReturnURLs.ReturnErrorUrl
		}
	}
	return cart.ReturnURLs.ReturnOkUrl
}

var cartPage = template.Must(template.New("cart").Funcs(template.FuncMap{
	"euro": func(cents int64) string { return fmt.Sprintf("%d,%02d €", cents/100, cents%100) },
}).Parse(`<!doctype html><html lang="it"><meta charset="utf-8"><title>Checkout simulato</title>
<h1>Checkout simulato</h1><p>Nessun denaro viene mosso.</p>
<table><tr><th scope="col">Avviso</th><th scope="col">Ente</th><th scope="col">Causale</th><th scope="col">Importo</th></tr>
{{range .PaymentNotices}}<tr><td>{{.NoticeNumber}}</td><td>{{.CompanyName}}</td><td>{{.Description}}</td><td>{{euro .Amount}}</td></tr>{{end}}</table>
<form method="post"><button>Paga</button> <button formaction="?do=cancel">Annulla</button></form></html>
`))

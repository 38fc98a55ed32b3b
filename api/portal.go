package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"

	"nodobridge/bridge"
)

// What an EC's own portal needs: spontaneous payments on the services of
// docs/services.md, and a cart at pagoPA's Checkout.
const (
	paramService = "service"
	ownServices  = ownPath + "/services"
)

var serviceForm = &numberForm{paramService, regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`), "must be the name of a service"}

func portalOperations() []operation {
	return []operation{
		{method: http.MethodGet, path: ownServices, name: "listServices", handle: (*Server).listServices},
		{method: http.MethodPost, path: ownServices + "/:" + paramService + "/payments", number: serviceForm, name: "requestPayment", body: true, handle: (*Server).requestPayment},
		{method: http.MethodPost, path: ownPath + "/carts", name: "openCart", body: true, handle: (*Server).openCartOf},
	}
}

type serviceList struct {
	Services []serviceView `json:"services"`
}

// serviceView is a service that a payer can ask for.
type serviceView struct {
	Name        string             `json:"name"`
	Description string             `json:"description"` // with the fields' names in braces
	Fields      []serviceFieldView `json:"fields"`
}

type serviceFieldView struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Pattern  string `json:"pattern,omitempty"` // of the whole value
}

func (s *Server) listServices(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	list, err := s.service.OfferedServices(ctx, c.by, c.ec)
	if err != nil {
		return reply{}, err
	}
	out := serviceList{Services: []serviceView{}}
	for _, o := range list {
		v := serviceView{Name: o.Name, Description: o.Description, Fields: []serviceFieldView{}}
		for _, f := range o.Fields {
			v.Fields = append(v.Fields, serviceFieldView{f.Name, f.Required, f.Pattern})
		}
		out.Services = append(out.Services, v)
	}
	return reply{status: http.StatusOK, body: out}, nil
}

// requestedPayment is the notice that was made, or the one that the same fields have
// made before.
type requestedPayment struct {
	NAV         bridge.NoticeNumber `json:"nav"`
	IUV         bridge.IUV          `json:"iuv"`
	IUPD        bridge.IUPD         `json:"iupd"`
	Amount      bridge.Cents        `json:"amount"` // cents
	Description string              `json:"description"`
	CompanyName string              `json:"companyName"`
	DueDate     *localTime          `json:"dueDate"`
}

func (s *Server) requestPayment(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	fields := map[string]string{}
	err := decodeKnown(c.body, func(r *reader) error {
		return r.object(func(name string) error {
			if name != "fields" {
				return r.wrong("is no member; the only one is fields")
			}
			return r.object(func(name string) error {
				text, err := r.text()
				fields[name] = text
				return err
			})
		})
	})
	if err != nil {
		return reply{}, err
	}
	n, err := s.service.RequestPayment(ctx, c.by, c.ec, c.given, fields)
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusCreated, body: requestedPayment{
		NAV: n.NAV, IUV: n.IUV, IUPD: n.IUPD, Amount: n.Amount, Description: n.Description, CompanyName: n.CompanyName, DueDate: localTimeOf(n.DueDate),
	}}, nil
}

// cartModel is the body of openCart.
type cartModel struct {
	Notices []string
	IDCart  *string
	Email   *string
	Return  map[string]string
}

// returnNames are the members of returnUrls.
var returnNames = []string{"ok", "cancel", "error", "waiting"}

func (m *cartModel) member(r *reader, name string) error {
	switch name {
	case "notices":
		return r.array(func() error {
			text, err := r.text()
			m.Notices = append(m.Notices, text)
			return err
		})
	case "idCart":
		return set(r, &m.IDCart, (*reader).text)
	case "email":
		return set(r, &m.Email, (*reader).text)
	case "returnUrls":
		m.Return = map[string]string{}
		return r.object(func(name string) error {
			text, err := r.text()
			m.Return[name] = text
			return err
		})
	}
	return r.wrong("is no member of a cart")
}

var (
	cartNotice = regexp.MustCompile(`^[0-9]{18}$`)
	cartID     = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
)

func (m *cartModel) validate() error {
	v := &violations{}
	v.must(len(m.Notices) >= 1 && len(m.Notices) <= bridge.MaxCartNotices, "notices", fmt.Sprintf("size must be between 1 and %d", bridge.MaxCartNotices))
	seen := map[string]bool{}
	for i, nav := range m.Notices {
		v.must(cartNotice.MatchString(nav), fmt.Sprintf("notices[%d]", i), "must be a notice number of 18 digits")
		v.must(!seen[nav], fmt.Sprintf("notices[%d]", i), "must occur once in the cart")
		seen[nav] = true
	}
	v.form(m.IDCart, cartID, "idCart", "must be 1 to 64 letters, digits, _ and -")
	v.form(m.Email, emailForm, "email", "Please provide a valid email address")
	for _, name := range returnNames {
		u, err := url.Parse(m.Return[name])
		v.must(err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil, "returnUrls."+name, "must be an https address")
	}
	for name := range m.Return {
		v.must(name == "ok" || name == "cancel" || name == "error" || name == "waiting", "returnUrls."+name, "is no member; the members are ok, cancel, error, waiting")
	}
	return v.err()
}

// openedCart is where to send the payer.
type openedCart struct {
	CheckoutURL string             `json:"checkoutUrl"`
	Amount      bridge.Cents       `json:"amount"` // cents, of all notices
	Notices     []openedCartNotice `json:"notices"`
}

type openedCartNotice struct {
	NAV         bridge.NoticeNumber `json:"nav"`
	Amount      bridge.Cents        `json:"amount"` // cents
	Description string              `json:"description"`
}

func (s *Server) openCartOf(ctx context.Context, c *call) (reply, error) {
	if err := c.only(); err != nil {
		return reply{}, err
	}
	if s.openCart == nil {
		return reply{}, &bridge.Error{Code: codeNoCheckout, Detail: "checkout.url is not set in the station's configuration"}
	}
	var m cartModel
	err := decodeKnown(c.body, func(r *reader) error {
		return r.object(func(name string) error { return m.member(r, name) })
	})
	if err == nil {
		err = m.validate()
	}
	if err != nil {
		return reply{}, err
	}
	cart := &bridge.Cart{
		EC: c.ec, ID: value(m.IDCart), Email: value(m.Email),
		Return: bridge.ReturnURLs{OK: m.Return["ok"], Cancel: m.Return["cancel"], Error: m.Return["error"], Waiting: m.Return["waiting"]},
	}
	for _, nav := range m.Notices {
		cart.Notices = append(cart.Notices, bridge.CartNotice{NAV: bridge.NoticeNumber(nav)})
	}
	if err := s.service.FillCart(ctx, c.by, cart); err != nil {
		return reply{}, err
	}
	page, err := s.openCart(ctx, cart)
	if err != nil {
		return reply{}, err
	}
	out := openedCart{CheckoutURL: page}
	for _, n := range cart.Notices {
		out.Amount += n.Amount
		out.Notices = append(out.Notices, openedCartNotice{n.NAV, n.Amount, n.Description})
	}
	return reply{status: http.StatusCreated, body: out}, s.service.NoteCart(ctx, c.by, cart)
}

package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Demand is paDemandPaymentNotice: a payer stands at a PSP's counter and the EC
// is to make a notice now, from the service's own data (soap-node.md §2.4).
type Demand struct {
	Addressee
	Service string // idServizio, 5 characters
	Subject string // idSoggettoServizio, 5 characters: the EC inside the service
	Payload string // datiSpecificiServizioRequest: base64 of the service's XML
}

// Demanded is the answer: the new notice's number and what a verification of it
// would say.
type Demanded struct {
	NAV NoticeNumber
	Verification
}

// ServiceDesk knows which spontaneous services the ECs offer. The room service
// implements it from the configuration.
type ServiceDesk interface {
	// Open says whether any EC offers any service.
	Open() bool
	// Find gives the enabled service that an EC offers on a station under the codes
	// of pagoPA's catalogue: Demand's addressee, service and subject.
	Find(d Demand) (SpontaneousService, bool)
	// Offered lists an EC's enabled services by name, and ByName gives one of them.
	Offered(ec ECCode) []OfferedService
	ByName(ec ECCode, name string) (SpontaneousService, bool)
}

// SpontaneousService is one service as one EC offers it.
type SpontaneousService interface {
	Terms() ServiceTerms
	// Read checks the service's own XML and takes its fields out; what breaks the
	// gate or the service's XSD is refused with CodePayloadInvalid.
	Read(payload []byte) (ServiceForm, error)
	// Fill checks fields that come by name instead; CodePayloadInvalid names the first
	// that is wrong.
	Fill(fields map[string]string) (ServiceForm, error)
	// Claim says what is due for the form. CodeNoticeUnknown means nothing,
	// CodeNoticePaid that it has been paid, CodeSourceSilent that whoever
	// knows the amount does not answer.
	Claim(ctx context.Context, form ServiceForm) (Claim, error)
}

// ServiceForm is a payload that has been read.
type ServiceForm struct {
	Canonical []byte // the same for all ways of writing the same data
	Fields    map[string]string
}

// Claim is what is due and from whom.
type Claim struct {
	Amount      Cents
	Description string // shown to the payer; at most 140 characters are used
	DueDate     Day    // last day of the notice; "" for ServiceTerms.ValidDays from today
	Debtor      Debtor // blank parts become ANONIMO
}

// ServiceTerms is how an EC's positions of a service are made.
type ServiceTerms struct {
	Name        string // of the service, for the journal
	IBAN        string
	PostalIBAN  string // may be empty
	Segregation string // two digits, of the notice numbers to issue
	CompanyName string // "" takes the EC's
	OfficeName  string
	Category    string        // taxonomy code, e.g. "9/0301105TS/"
	ValidDays   int           // an unpaid notice expires at the end of this day after today
	Window      time.Duration // the same demand within it gets the same notice, while unpaid
}

// nodeActor signs what the node asks for.
const nodeActor = "node"

// maxValidDays is a year: what is still unpaid then is no counter payment.
const maxValidDays = 366

// Validate names the key of config.yaml or of the definition that is wrong.
func (t ServiceTerms) Validate() error {
	if _, err := ParseIBAN(t.IBAN); err != nil {
		return fmt.Errorf("iban: %w", err)
	}
	if t.PostalIBAN != "" {
		if _, err := ParseIBAN(t.PostalIBAN); err != nil {
			return fmt.Errorf("postal_iban: %w", err)
		}
	}
	switch {
	case len(t.Segregation) != 2 || !allDigits(t.Segregation):
		return fmt.Errorf("segregation_code: must be the two digits of the EC's segregation code on this station")
	case line(t.Category, maxText140) != t.Category || t.Category == "":
		return fmt.Errorf("category: must be a taxonomy code of at most %d characters", maxText140)
	case t.ValidDays < 1 || t.ValidDays > maxValidDays:
		return fmt.Errorf("valid_days: must be 1 to %d", maxValidDays)
	case t.Window < time.Minute || t.Window > 24*time.Hour:
		return fmt.Errorf("window: must be 1m to 24h")
	case len([]rune(t.CompanyName)) > maxText140 || len([]rune(t.OfficeName)) > maxText140:
		return fmt.Errorf("company_name and office_name: at most %d characters", maxText140)
	}
	return nil
}

// DemandKey identifies a demand: two with the same key ask for the same thing.
type DemandKey [sha256.Size]byte

// DemandRecord remembers which notice a demand was answered with.
type DemandRecord struct {
	Key   DemandKey
	EC    ECCode
	NAV   NoticeNumber
	At    time.Time
	Until time.Time // the same demand gets the same notice before this
}

// UseDesk puts a desk in force; until then no spontaneous service is offered.
func (s *Service) UseDesk(desk ServiceDesk) { s.desk.Store(&desk) }

// DemandNotice answers paDemandPaymentNotice: it makes and publishes a position,
// or gives the one that the same demand has made within the service's window
// (soap-node.md §2.4, which leaves idempotency to us).
func (s *Service) DemandNotice(ctx context.Context, d Demand) (*Demanded, error) {
	_, ec, err := s.Registry().find(d.Addressee)
	if err != nil {
		return nil, err
	}
	desk := s.desk.Load()
	if desk == nil || !(*desk).Open() {
		return nil, &Error{Code: CodeNotEnabled}
	}
	service, offered := (*desk).Find(d)
	if !offered {
		return nil, &Error{Code: CodeServiceUnknown, Field: "idServizio", Detail: "servizio o soggetto non abilitato per l'ente creditore"}
	}
	payload, err := decodePayload(d.Payload)
	if err != nil {
		return nil, err
	}
	form, err := service.Read(payload)
	if err != nil {
		return nil, err
	}
	n, err := s.demand(ctx, d.key(form.Canonical), ec, service, form, nodeActor)
	if err != nil {
		return nil, unavailable("make the demanded position", err)
	}
	v, err := verification(n, ec)
	if err != nil {
		return nil, err
	}
	return &Demanded{NAV: n.NAV, Verification: *v}, nil
}

// demand gives the notice that the key has already, or makes one. Whoever knows
// the amount is asked outside the transaction, so the key is looked up again
// inside it: of equal demands at once one makes the position.
func (s *Service) demand(ctx context.Context, key DemandKey, ec CreditorInstitution, service SpontaneousService, form ServiceForm, actor string) (*Notice, error) {
	now := s.now()
	var n *Notice
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		n, err = demandedBefore(ctx, tx, key, now)
		return err
	})
	if err != nil || n != nil {
		return n, err
	}
	claim, err := service.Claim(ctx, form)
	if err != nil {
		return nil, err
	}
	terms := service.Terms()
	err = s.store.Update(ctx, func(tx Tx) (err error) {
		n, err = demandedBefore(ctx, tx, key, now)
		if err != nil || n != nil {
			return err
		}
		n, err = makeDemanded(ctx, tx, ec, terms, claim, actor, now)
		if err != nil {
			return err
		}
		return tx.PutDemand(ctx, DemandRecord{Key: key, EC: ec.Code, NAV: n.NAV, At: now, Until: now.Add(terms.Window)})
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}

// demandedBefore gives the notice of the same demand, nil when there is none, it
// is too old or it cannot be paid any more.
func demandedBefore(ctx context.Context, tx ReadTx, key DemandKey, now time.Time) (*Notice, error) {
	rec, err := tx.Demand(ctx, key)
	if errors.Is(err, ErrNotFound) || err == nil && !now.Before(rec.Until) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := tx.PositionByNAV(ctx, rec.EC, rec.NAV)
	if errors.Is(err, ErrNotFound) {
		return nil, nil // deleted since
	}
	if err != nil {
		return nil, err
	}
	notices := p.Notices()
	for i := range notices {
		if notices[i].NAV == rec.NAV && Payable(&notices[i], now) == nil {
			return &notices[i], nil
		}
	}
	return nil, nil
}

// makeDemanded stores a published position with a number of its own. It is
// checked as the wire will ask for it, because the PSP goes on with verify and
// activate at once.
func makeDemanded(ctx context.Context, tx Tx, ec CreditorInstitution, terms ServiceTerms, claim Claim, actor string, now time.Time) (*Notice, error) {
	nav, err := issueNumber(ctx, tx, ec.Code, terms.Segregation)
	if err != nil {
		return nil, err
	}
	p, err := claim.position(nav, ec, terms, now)
	if err != nil {
		return nil, err
	}
	p.prepare(now)
	if err := p.check(now); err != nil {
		return nil, &Error{Code: CodeNotExpressible, Detail: "the service's claim makes no valid position", Err: err}
	}
	if err := p.publish(now); err != nil {
		return nil, err
	}
	n := &p.Notices()[0]
	if _, err := payment(n, ec, PaymentQuery{}); err != nil {
		return nil, err
	}
	if err := tx.InsertPosition(ctx, p); err != nil {
		return nil, err
	}
	return n, tx.Journal(ctx, JournalEntry{At: now, Actor: actor, Action: "position.demand", EC: string(p.EC), Object: string(p.IUPD), Detail: terms.Name, About: p.about()})
}

// demandedIUPD begins the IUPD of what a PSP has demanded.
const demandedIUPD = "SP-"

// position builds the tree. It may not be paid in stand-in: what is made on the
// fly is not in the ACA archive (soap-node.md §2.8).
func (c Claim) position(nav NoticeNumber, ec CreditorInstitution, terms ServiceTerms, now time.Time) (*Position, error) {
	due := lastInstant(now, terms.ValidDays)
	if c.DueDate != "" {
		day, err := time.ParseInLocation(time.DateOnly, string(c.DueDate), rome)
		if err != nil {
			return nil, refuse(CodeSourceSilent, "la fonte dell'importo ha dato una scadenza non valida")
		}
		due = lastInstant(day, 0)
	}
	if due.Before(now) {
		return nil, refuse(CodeSourceSilent, "la fonte dell'importo ha dato una scadenza passata")
	}
	description := line(c.Description, maxText140)
	company := line(terms.CompanyName, maxText140)
	if company == "" {
		company = line(ec.Name, maxText140)
	}
	debtor := c.Debtor
	if debtor.Type == "" {
		debtor.Type = NaturalPerson
	}
	if strings.TrimSpace(debtor.FiscalCode) == "" {
		debtor.FiscalCode = anonymous
	}
	if strings.TrimSpace(debtor.FullName) == "" {
		debtor.FullName = anonymous
	}
	return &Position{
		EC: ec.Code, IUPD: IUPD(demandedIUPD + string(nav)), CompanyName: company, OfficeName: line(terms.OfficeName, maxText140),
		Options: []Option{{
			SwitchToExpired: true, Debtor: debtor,
			Instalments: []Instalment{{
				NAV: nav, IUV: nav.IUV(), Amount: c.Amount, Description: description, DueDate: due,
				Transfers: []Transfer{{
					ID: 1, EC: ec.Code, Amount: c.Amount, Category: terms.Category, IBAN: terms.IBAN, PostalIBAN: terms.PostalIBAN,
					// SACI's convention (soap-node.md §7).
					RemittanceInformation: line(fmt.Sprintf("/RFB/%s/%s/TXT/%s", nav.IUV(), c.Amount, description), maxText140),
				}},
			}},
		}},
	}, nil
}

// lastInstant is the end of the Italian calendar day that comes days after at.
func lastInstant(at time.Time, days int) time.Time {
	y, m, d := at.In(rome).Date()
	return time.Date(y, m, d+days+1, 0, 0, 0, 0, rome).Add(-time.Second).UTC()
}

// maxPayload bounds the decoded service data (reliability-security.md §9 row 41).
const maxPayload = 512 << 10

// decodePayload reads the base64 of the call; the XSD lets white space stand in it.
func decodePayload(s string) ([]byte, error) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, s)
	if len(s) > base64.StdEncoding.EncodedLen(maxPayload) {
		return nil, &Error{Code: CodePayloadInvalid, Field: "datiSpecificiServizioRequest", Detail: "datiSpecificiServizioRequest: more than 512 KiB"}
	}
	payload, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(payload) > maxPayload {
		return nil, &Error{Code: CodePayloadInvalid, Field: "datiSpecificiServizioRequest", Detail: "datiSpecificiServizioRequest: no base64"}
	}
	return payload, nil
}

// key hashes what makes two demands the same. Every part goes in with its
// length, so that no two lists of parts have one text.
func (d Demand) key(canonical []byte) DemandKey {
	h := sha256.New()
	var length [8]byte
	for _, part := range [][]byte{[]byte(d.EC), []byte(d.Service), []byte(d.Subject), canonical} {
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:]) // a hash never fails
		h.Write(part)
	}
	return DemandKey(h.Sum(nil))
}

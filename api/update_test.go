package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"nodobridge/api"
	"nodobridge/bridge"
	"nodobridge/internal/testkit"
)

func replace(path, body string) request {
	return request{method: http.MethodPut, path: path, body: body}
}

func alter(path, body string) request {
	return request{method: http.MethodPatch, path: path, body: body}
}

const (
	titleUpdatable   = "Existing related payment found or not in updatable state"
	titleInvalidable = "Existing related payment found or not in invalidable state"
	titleForbidden   = "The payment position is forbidden"
	tomorrow         = "2026-11-24T12:00:00"
)

// become takes the position at one to a state.
func (s *station) become(state bridge.PositionStatus) {
	s.t.Helper()
	if state == bridge.Draft {
		s.created(ours, minimal)
		return
	}
	s.created(ours+"?toPublish=true", minimal)
	s.edit("77777777777-0001", func(p *bridge.Position) {
		p.Status = state
		if state == bridge.Paid || state == bridge.Reported {
			p.PaidAt = testkit.Noon
			in := &p.Options[0].Instalments[0]
			in.Status, in.PaidAt = bridge.InstalmentPaid, testkit.Noon
		}
	})
}

// TestUpdate is rows C1 to C8.
func TestUpdate(t *testing.T) {
	t.Parallel()
	changed := edited(minimal, "fullName", "Maria Verdi", "companyName", "Comune Y", option0+"description", "TARI bis")
	changedAnswer := edited(minimalAnswer, "fullName", "Maria Verdi", "companyName", "Comune Y", option0+"description", "TARI bis")
	valid := edited(changedAnswer, "status", "VALID", "validityDate", "2026-11-23T12:00:00")
	tests := []struct {
		id     string
		state  bridge.PositionStatus
		query  string
		body   string
		status int
		answer string
	}{
		{"C1", bridge.Draft, "", changed, 200, changedAnswer},
		{"C1 published", bridge.Draft, "?toPublish=true", changed, 200, valid},
		{"C2", bridge.Valid, "", changed, 200, changedAnswer},
		{"C2 kept valid", bridge.Valid, "?toPublish=true", changed, 200, valid},
		{"C2 expired", bridge.Expired, "", changed, 200, changedAnswer},
		{"C3", bridge.Published, "?toPublish=true", edited(changed, "validityDate", tomorrow), 200, edited(changedAnswer, "status", "PUBLISHED", "validityDate", tomorrow)},
		{"C4", bridge.Draft, "", edited(changed, "iupd", "another"), 400, problem(400, titleBean, "iupd: the path names another debt position than the body")},
		{"C5", bridge.Draft, "", "", 415, problem(415, "UNSUPPORTED MEDIA TYPE", "the content type must be application/json in UTF-8, without content encoding")},
		{"C5 empty", bridge.Draft, "", " ", 400, problem(400, titleBean, "the request body cannot be read: it is empty, at byte 1")},
		{"C7 invalid", bridge.Invalid, "", changed, 409, problem(409, titleUpdatable, "the debt position is INVALID")},
		{"C7 paid", bridge.Paid, "?toPublish=true", changed, 409, problem(409, titleUpdatable, "the debt position is PAID")},
		{"C7 partially paid", bridge.PartiallyPaid, "", changed, 409, problem(409, titleUpdatable, "the debt position is PARTIALLY_PAID")},
		{"C7 reported", bridge.Reported, "", changed, 409, problem(409, titleUpdatable, "the debt position is REPORTED")},
		{"C8", bridge.Valid, "", edited(changed, option0+"dueDate", "2026-11-22T00:00:00"), 400,
			problem(400, titleSemantics, "Dates congruence error: due_date 2026-11-22T00:00:00 must not be before validity_date 2026-11-23T12:00:00")},
		{"C8 form", bridge.Valid, "", edited(changed, "companyName", ""), 400, problem(400, titleBean, "companyName: company name is required")},
		{"metadata reserved", bridge.Valid, "", edited(changed, option0+"paymentOptionMetadata", object(`[{"key":"NOTIFICATION_FEE","value":"1"}]`)), 409,
			problem(409, "The payment option contains reserved metadata", "metadata key NOTIFICATION_FEE of payment option 47000000000000012 is reserved")},
		{"validity in the past", bridge.Valid, "?toPublish=true", edited(changed, "validityDate", "2026-11-01T00:00:00"), 200, edited(changedAnswer, "status", "VALID", "validityDate", "2026-11-01T00:00:00")},
		{"due in the past without expiry", bridge.Valid, "", edited(changed, "validityDate", "2026-11-01T00:00:00", option0+"dueDate", "2026-11-20T00:00:00"), 200,
			edited(changedAnswer, "validityDate", "2026-11-01T00:00:00", option0+"dueDate", "2026-11-20T00:00:00")},
		{"due in the past with expiry", bridge.Valid, "", edited(changed, "validityDate", "2026-11-01T00:00:00", option0+"dueDate", "2026-11-20T00:00:00", "switchToExpired", true), 400,
			problem(400, titleSemantics, "Dates congruence error: due_date 2026-11-20T00:00:00 must not be before validity_date 2026-11-23T12:00:00")},
	}
	for _, tt := range tests {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			s := newStation(t, api.Limits{})
			s.become(tt.state)
			s.want(replace(one+tt.query, tt.body), tt.status, tt.answer)
		})
	}
	t.Run("C6", func(t *testing.T) {
		t.Parallel()
		newStation(t, api.Limits{}).want(replace(one, minimal), 404, unknown("77777777777-0001"))
	})
}

// TestUpdate_Demotes is row C2 in the read: the notice is payable no longer, and is
// again after the next publish (gpd-api.md §6.1 row 1).
func TestUpdate_Demotes(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.become(bridge.Valid)
	s.clock.Set(testkit.Noon.Add(time.Hour))
	s.do(replace(one, minimal))
	s.want(get(one), 200, edited(minimalView, "status", "DRAFT", "publishDate", nil, "lastUpdatedDate", "2026-11-23T13:00:00", option0+"lastUpdatedDate", "2026-11-23T13:00:00",
		transfer0+"lastUpdatedDate", "2026-11-23T13:00:00"))
	s.do(post(one+"/publish", ""))
	if got := s.stored("77777777777-0001"); got.Status != bridge.Valid || !got.ValidFrom().Equal(testkit.Noon.Add(time.Hour)) {
		t.Errorf("%s since %s", got.Status, got.ValidFrom())
	}
}

// TestUpdate_Tree is row C9: options and transfers come and go; what stays keeps its
// insertion, what goes frees nothing that was issued.
func TestUpdate_Tree(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	second := object(edited(optionJSON, "iuv", "47000000000000113"))
	s.created(ours, edited(minimal, "paymentOption.1", second))
	s.clock.Set(testkit.Noon.Add(time.Hour))
	third := edited(optionJSON, "iuv", "47000000000000214", "amount", 2050, "transfer.0.amount", 1000, "transfer.1", object(edited(transferJSON, "idTransfer", "2")))
	s.want(replace(one, edited(minimal, "paymentOption.1", object(third))), 200, edited(minimalAnswer, "paymentOption.1",
		object(edited(minimalAnswerOption(t), "iuv", "47000000000000214", "nav", "347000000000000214", "amount", 2050,
			"transfer.0.amount", 1000, "transfer.1", object(edited(transferAnswer, "idTransfer", "2"))))))
	p := s.stored("77777777777-0001")
	kept, added := p.Options[0].Instalments[0], p.Options[1].Instalments[0]
	if !kept.InsertedAt.Equal(testkit.Noon) || !added.InsertedAt.Equal(testkit.Noon.Add(time.Hour)) || added.IUV != "47000000000000214" {
		t.Errorf("kept since %s, added %s at %s", kept.InsertedAt, added.IUV, added.InsertedAt)
	}
	// The number that has left can be used again by its owner, as in GPD.
	s.created(ours, edited(minimal, "iupd", "other", "paymentOption.0.iuv", "47000000000000113"))
	s.want(replace(one, edited(minimal, "paymentOption.0.iuv", "47000000000000113")), 409,
		problem(409, titleUnique, "a debt position of organization 77777777777 has this iupd, or an iuv or nav of it"))
}

func minimalAnswerOption(t *testing.T) string {
	t.Helper()
	whole := parse(t, minimalAnswer).(map[string]any)
	return edited(`{"o":null}`, "o", whole["paymentOption"].([]any)[0])[len(`{"o":`) : len(edited(`{"o":null}`, "o", whole["paymentOption"].([]any)[0]))-1]
}

// TestUpdate_NAV is gpd-api.md §6.1 row 2: a custom number is reset unless it is said
// again; row 13: the value of a metadata key is changed.
func TestUpdate_NAVAndMetadata(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	custom := edited(minimal, option0+"nav", "CUSTOM_347000000000000012", option0+"paymentOptionMetadata", object(`[{"key":"k","value":"before"}]`))
	s.created(ours, custom)
	s.want(replace(one, edited(custom, option0+"paymentOptionMetadata.0.value", "after")), 200,
		edited(minimalAnswer, option0+"nav", "CUSTOM_347000000000000012", option0+"paymentOptionMetadata", object(`[{"key":"k","value":"after"}]`)))
	s.want(replace(one, minimal), 200, minimalAnswer)
	s.want(get(one), 200, minimalView)
}

// TestUpdate_NotificationFee is rows C10 and C11.
func TestUpdate_NotificationFee(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	s.created(ours, minimal)
	p := s.stored("77777777777-0001")
	in := &p.Options[0].Instalments[0]
	in.NotificationFee, in.Amount, in.Transfers[0].Amount = 150, 1200, 1200
	s.put(p)
	s.want(replace(one, minimal), 200, edited(minimalAnswer, option0+"amount", 1200, option0+"notificationFee", 150, transfer0+"amount", 1200))
	s.want(replace(one, edited(minimal, transfer0+"organizationFiscalCode", "88888888888")), 422,
		problem(422, "The debt position update is failed", "payment option 47000000000000012 bears a notification fee and has no transfer of organization 77777777777"))
	s.want(get(one), 200, edited(minimalView, option0+"amount", 1200, option0+"notificationFee", 150, transfer0+"amount", 1200))
}

// put stores a tree in the place of the one that is there.
func (s *station) put(p *bridge.Position) {
	s.t.Helper()
	err := s.store.Update(s.t.Context(), func(tx bridge.Tx) error { return tx.ReplacePosition(s.t.Context(), p) })
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestInvalidate is rows C18 and C19.
func TestInvalidate(t *testing.T) {
	t.Parallel()
	invalid := edited(minimalAnswer, "status", "INVALID", "validityDate", "2026-11-23T12:00:00")
	for state, want := range map[bridge.PositionStatus]struct {
		status int
		answer string
	}{
		bridge.Valid:         {200, invalid},
		bridge.Draft:         {409, problem(409, titleInvalidable, "the debt position is DRAFT")},
		bridge.Paid:          {409, problem(409, titleInvalidable, "the debt position is PAID")},
		bridge.PartiallyPaid: {409, problem(409, titleInvalidable, "the debt position is PARTIALLY_PAID")},
		bridge.Invalid:       {409, problem(409, titleInvalidable, "the debt position is INVALID")},
		bridge.Expired:       {409, problem(409, titleInvalidable, "the debt position is EXPIRED")},
	} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			s := newStation(t, api.Limits{})
			s.become(state)
			s.want(post(one+"/invalidate", ""), want.status, want.answer)
		})
	}
	t.Run("published, unknown, and expired by time", func(t *testing.T) {
		t.Parallel()
		s := newStation(t, api.Limits{})
		s.want(post(one+"/invalidate", ""), 404, unknown("77777777777-0001"))
		s.created(ours+"?toPublish=true", edited(minimal, "validityDate", tomorrow))
		s.want(post(one+"/invalidate", ""), 200, edited(minimalAnswer, "status", "INVALID", "validityDate", tomorrow))
		s.created(ours+"?toPublish=true", edited(minimal, "iupd", "late", "switchToExpired", true, option0+"iuv", "47000000000000113"))
		s.clock.Set(testkit.Noon.AddDate(0, 2, 0))
		s.want(post(ours+"/late/invalidate", ""), 409, problem(409, titleInvalidable, "the debt position is EXPIRED"))
	})
	// Row C23: an invalid position is deleted, and its iupd and nav used again.
	t.Run("C23", func(t *testing.T) {
		t.Parallel()
		s := newStation(t, api.Limits{})
		s.become(bridge.Invalid)
		s.want(remove(one), 200, `"The debt position was successfully deleted"`)
		s.want(post(ours, minimal), 201, minimalAnswer)
	})
}

// TestChangeIBAN is rows C24 and C25, and gpd-api.md §6.1 row 19.
func TestChangeIBAN(t *testing.T) {
	t.Parallel()
	const old, fresh = "IT60X0542811101000000123456", "IT96R0123454321000000012345"
	s := newStation(t, api.Limits{})
	path := ours + "/transfers"
	refused := func(detail string) string { return problem(400, titleBean, detail) }
	const name = "updateTransferIbanMassive."
	s.want(alter(path, `{"newIban":"`+fresh+`"}`), 400, refused(name+"oldIban: must not be blank"))
	s.want(alter(path+"?oldIban="+old+"&limit=10000", `{"newIban":"`+fresh+`"}`), 400, refused(name+"limit: must be less than or equal to 1000"))
	s.want(alter(path+"?oldIban="+old+"&limit=-1", `{"newIban":"`+fresh+`"}`), 400, refused(name+"limit: must be greater than 0"))
	s.want(alter(path+"?oldIban="+old, `{"newIban":null}`), 400, refused("newIban: must not be null"))
	s.want(alter(path+"?oldIban="+old, `{}`), 400, refused("newIban: must not be null"))
	s.want(alter(path+"?oldIban="+old, `{"newIban":"IT 60"}`), 400, refused("newIban: IBAN must not contain spaces or special characters"))
	changed := func(n int) string {
		return fmt.Sprintf(`{"description":"Updated IBAN on %[1]d Transfers","updatedTransfers":%[1]d}`, n)
	}
	s.want(alter(path+"?oldIban="+old, `{"newIban":"`+fresh+`"}`), 200, changed(0))
	for i, iuv := range []string{"47000000000000012", "47000000000000113", "47000000000000214"} {
		s.created(ours+"?toPublish=true", edited(minimal, "iupd", fmt.Sprintf("77777777777-000%d", i+1), option0+"iuv", iuv))
	}
	s.created(ours, edited(minimal, "iupd", "foreign", option0+"iuv", "47000000000000315", transfer0+"organizationFiscalCode", "88888888888"))
	s.edit("77777777777-0003", func(p *bridge.Position) {
		p.Status, p.PaidAt = bridge.Paid, testkit.Noon
		p.Options[0].Instalments[0].Status, p.Options[0].Instalments[0].PaidAt = bridge.InstalmentPaid, testkit.Noon
	})
	s.want(alter(path+"?oldIban="+old+"&limit=1&segregationCodes=99", `{"newIban":"`+fresh+`"}`), 200, changed(0))
	s.want(alter(path+"?oldIban="+old+"&limit=1", `{"newIban":"`+fresh+`"}`), 200, changed(1))
	s.want(alter(path+"?oldIban="+old, `{"newIban":"`+fresh+`"}`), 200, changed(1))
	notice, err := s.store.Notice(t.Context(), ourEC, "347000000000000113")
	if err != nil || notice.Transfers[0].IBAN != fresh {
		t.Errorf("the node would be told %+v, %v", notice, err)
	}
	if paid := s.stored("77777777777-0003").Options[0].Instalments[0].Transfers[0].IBAN; paid != old {
		t.Errorf("the paid transfer has account %s", paid)
	}
	if foreign := s.stored("foreign").Options[0].Instalments[0].Transfers[0].IBAN; foreign != old {
		t.Errorf("another beneficiary has account %s", foreign)
	}
}

// TestSegregation is rows A28, B13 and C20: the hidden parameter holds a call to some
// codes; every payment option counts (gpd-api.md §6.1 row 6).
func TestSegregation(t *testing.T) {
	t.Parallel()
	s := newStation(t, api.Limits{})
	forbidden := func(iupd string) string {
		return problem(403, titleForbidden, "debt position "+iupd+" of organization 77777777777 has a payment option outside of the segregation codes")
	}
	mine := forbidden("77777777777-0001")
	s.want(post(ours+"?segregationCodes=99", minimal), 403, mine)
	s.want(post(ours+"?segregationCodes=99", edited(minimal, option0+"amount", 1)), 403, mine) // before semantics
	s.want(post(ours+"?segregationCodes=47", edited(minimal, "paymentOption.1", object(edited(optionJSON, "iuv", "99000000000000113")))), 403, mine)
	s.want(post(ours+"?segregationCodes=4", minimal), 400, problem(400, titleBean, `createDebtPosition.segregationCodes: must match "\d{2}(,\d{2})*"`))
	s.want(post(ours+"?segregationCodes=99,47", minimal), 201, minimalAnswer)
	s.want(get(one+"?segregationCodes=47"), 200, minimalView)
	s.want(get(one+"?segregationCodes=99"), 403, mine)
	s.want(get(ours+"/none?segregationCodes=99"), 404, unknown("none"))
	s.want(get(ours+"?segregationCodes=99"), 200, page(0, 10, 0))
	s.want(replace(one+"?segregationCodes=99", minimal), 403, mine)
	s.want(replace(one+"?segregationCodes=47", edited(minimal, option0+"iuv", "99000000000000113")), 403, mine)
	s.want(post(one+"/publish?segregationCodes=99", ""), 403, mine)
	s.want(post(one+"/invalidate?segregationCodes=99", ""), 403, mine)
	s.want(remove(one+"?segregationCodes=99"), 403, mine)
	s.want(post(ours+"/bulk?segregationCodes=99", `{"paymentPositions":[`+edited(minimal, "iupd", "b")+`]}`), 403, forbidden("b"))
	s.want(get(one), 200, minimalView)
	if strings.Contains(s.logs.String(), "segregationCodes=") {
		t.Error("the query is in the log")
	}
}

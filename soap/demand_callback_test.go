package soap_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"nodobridge/service"
)

// calling is a station whose bollo is known to an application.
func calling(t *testing.T, handler http.HandlerFunc) *station {
	t.Helper()
	app := httptest.NewServer(handler)
	t.Cleanup(app.Close)
	e := tassaAuto()
	e.Amount = &service.AmountSpec{Callback: &service.CallbackSpec{URL: app.URL, AllowPrivate: []string{"127.0.0.1"}}}
	return offering(t, e)
}

func TestDemand_CallbackRefusals(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]struct{ answer, code string }{
		"nothing due":       {`{"status":"nothing_due"}`, "PAA_PAGAMENTO_SCONOSCIUTO"},
		"already paid":      {`{"status":"already_paid"}`, "PAA_PAGAMENTO_DUPLICATO"},
		"no JSON":           {`no`, "PAA_SYSTEM_ERROR"},
		"due in the past":   {`{"status":"due","amountCents":100,"dueDate":"2026-11-22"}`, "PAA_SYSTEM_ERROR"},
		"only control code": {`{"status":"due","amountCents":100,"description":"\u0007"}`, "PAA_SEMANTICA"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := calling(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, v.answer) })
			s.refuses(t, demandOf(bollo), v.code)
			if strings.Contains(s.log.String(), "AB123CD") {
				t.Errorf("the log names the car:\n%s", s.log)
			}
		})
	}
}

// The callback's answer words the notice; its text is made fit for the wire.
func TestDemand_CallbackClaim(t *testing.T) {
	t.Parallel()
	s := calling(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"status":"due","amountCents":100,"dueDate":"2026-11-23","description":"Bollo\n  2026 %s"}`, strings.Repeat("è", 200))
	})
	a := s.post(t, demandOf(bollo))
	a.demanded(t)
	if got, want := a.text(t, "paymentDescription"), "Bollo 2026 "+strings.Repeat("è", 129); got != want {
		t.Errorf("description %q", got)
	}
	if a.text(t, "amount") != "1.00" || a.text(t, "dueDate") != "2026-11-23" {
		t.Errorf("got\n%s", a.body)
	}
}

// A demand that has its notice does not ask again: the PSP's retry is answered
// although the application is gone.
func TestDemand_RetryNeedsNoCallback(t *testing.T) {
	t.Parallel()
	answers := make(chan string, 1)
	answers <- `{"status":"due","amountCents":100}`
	s := calling(t, func(w http.ResponseWriter, _ *http.Request) {
		select {
		case text := <-answers:
			fmt.Fprint(w, text)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	nav := s.post(t, demandOf(bollo)).demanded(t)
	if again := s.post(t, demandOf(bollo)).demanded(t); again != nav {
		t.Errorf("%s, then %s", nav, again)
	}
}

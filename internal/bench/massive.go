package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"nodobridge/internal/fill"
	"nodobridge/load"
)

// What issue 7 wants of a massive upload of 100,000 positions.
const (
	wantedMassive       = 10 * time.Second
	wantedMassiveMemory = 150 << 20
	wantedMeanwhile     = 50 * time.Millisecond
)

// meanwhileRate is how often a second the node asks while a file is worked off.
const meanwhileRate = 100

const uploads = "/upload/gpd/debt-positions-service/v2/"

// massive uploads a tenth as many positions as there are mixed calls, and waits for the
// report, while the node asks for notices that wait for payment. The station has both
// cores, as on the machine that the target names; what asks has one of them too.
func (t *till) massive(ctx context.Context, r *results) error {
	x, err := t.serveOn(ctx, t.dir, measuredCore+","+driverCore)
	if err != nil {
		return err
	}
	return errors.Join(t.upload(ctx, r, x), x.stop())
}

func (t *till) upload(ctx context.Context, r *results, x *station) error {
	clerk, err := t.clerk(ctx, x, t.dir)
	if err != nil {
		return err
	}
	count := t.calls / 10
	file, err := zipOf(t.positions, count)
	if err != nil {
		return err
	}
	plan, err := x.traffic(load.Verify, unpaid(t.positions, t.next, t.positions)).Plan(ctx)
	if err != nil {
		return err
	}
	plan.Connections, plan.Phases = readConnections, []load.Phase{{Rate: meanwhileRate, For: time.Hour}}
	calling, hangUp := context.WithCancel(ctx)
	defer hangUp()
	type outcome struct {
		sample
		err error
	}
	calls := make(chan outcome, 1)
	go func() {
		got, err := once(calling, x.process, plan)
		calls <- outcome{got, err}
	}()
	took, err := clerk.upload(ctx, file, count)
	hangUp()
	meanwhile := <-calls
	if err = errors.Join(err, meanwhile.err); err != nil {
		return err
	}
	peak, err := x.memory("VmHWM")
	name := fmt.Sprintf("massive upload of %d positions into a store of %d, both cores", count, t.positions)
	r.add(name, fmt.Sprintf("%v, %d positions/s", load.Round(took), int64(count)*int64(time.Second)/int64(took)), "≤ 10 s for 100,000", took <= wantedMassive)
	r.add("largest memory meanwhile (RSS)", mib(peak), "≤ 150 MiB", peak <= wantedMassiveMemory)
	r.add(fmt.Sprintf("paVerifyPaymentNotice meanwhile, %d/s, p50 / p99", meanwhileRate), fmt.Sprintf("%v / %v, %d failed", load.Round(meanwhile.p50), load.Round(meanwhile.p99), meanwhile.failed),
		"p99 ≤ 50 ms", meanwhile.p99 <= wantedMeanwhile && meanwhile.failed == 0)
	return err
}

// upload sends a file and waits until every position has its outcome.
func (c *clerk) upload(ctx context.Context, file []byte, count int) (time.Duration, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "positions.zip")
	if err == nil {
		_, err = part.Write(file)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return 0, err
	}
	start := time.Now()
	res, answer, err := c.do(ctx, http.MethodPost, fmt.Sprintf("%sbrokers/%s/organizations/%s/debtpositions/file", uploads, fill.Broker, fill.EC), form.FormDataContentType(), &body)
	if err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusAccepted {
		return 0, fmt.Errorf("the upload: HTTP %d %.200s", res.StatusCode, answer)
	}
	status := uploads + res.Header.Get("Location")
	for {
		res, answer, err := c.do(ctx, http.MethodGet, status, "", nil)
		if err != nil {
			return 0, err
		}
		var s struct{ ProcessedItem, SubmittedItem int }
		if err := json.Unmarshal(answer, &s); err != nil || res.StatusCode != http.StatusOK || s.SubmittedItem != count {
			return 0, fmt.Errorf("the upload's status: HTTP %d %.200s", res.StatusCode, answer)
		}
		if s.ProcessedItem == count {
			break
		}
		time.Sleep(20 * time.Millisecond) // a status is what there is to ask
	}
	res, answer, err = c.do(ctx, http.MethodGet, strings.TrimSuffix(status, "status")+"report", "", nil)
	took := time.Since(start)
	var report struct{ Responses []struct{ StatusCode int } }
	if err == nil {
		err = json.Unmarshal(answer, &report)
	}
	if err == nil && (len(report.Responses) != 1 || report.Responses[0].StatusCode != http.StatusCreated) {
		err = fmt.Errorf("the upload's report: HTTP %d %.200s", res.StatusCode, answer)
	}
	return took, err
}

func (c *clerk) do(ctx context.Context, method, path, contentType string, body io.Reader) (*http.Response, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Ocp-Apim-Subscription-Key", c.key)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	answer, err := io.ReadAll(res.Body)
	return res, answer, errors.Join(err, res.Body.Close())
}

// uploaded is a position as applications write it, 1 KB: 100,000 of them are as much as
// GPD's bound of 100 MB a file lets in.
const uploaded = `{"iupd":"MASSIVE-%08d","type":"F","fiscalCode":"RSSMRA80A01H501U","fullName":"Utenza domestica numero %08d","streetName":"Via delle Magnolie in Fiore","civicNumber":"12/B",
"postalCode":"00100","city":"Roma","province":"RM","region":"Lazio","country":"IT","email":"utenza.%08d@example.org","companyName":"Comune di Prova","officeName":"Ufficio Tributi",
"switchToExpired":false,"paymentOption":[{"iuv":"%s","amount":12000,"description":"TARI 2026 utenza %08d, acconto e saldo in unica soluzione","isPartialPayment":false,
"dueDate":"2099-06-30T21:59:59","paymentOptionMetadata":[{"key":"utenza","value":"%08d"}],
"transfer":[{"idTransfer":"1","amount":11429,"organizationFiscalCode":"77777777777","remittanceInformation":"TARI 2026, tassa sui rifiuti","category":"9/0101100IM/","iban":"IT60X0542811101000000123456"},
{"idTransfer":"2","amount":571,"organizationFiscalCode":"88888888888","remittanceInformation":"TEFA 2026, tributo","category":"9/0201102IM/","iban":"IT60X0542811101000000654321"}]}]}`

// zipOf is a file of positions with numbers behind those of a filled store.
func zipOf(first, count int) ([]byte, error) {
	var buffer bytes.Buffer
	w := zip.NewWriter(&buffer)
	f, err := w.Create("positions.json")
	if err != nil {
		return nil, err
	}
	separator := `{"paymentPositions":[`
	for i := range count {
		n := first + i
		if _, err := fmt.Fprintf(f, separator+uploaded, n, n, n, fill.NAV(n).IUV(), n, n); err != nil {
			return nil, err
		}
		separator = ","
	}
	_, err = io.WriteString(f, "]}")
	err = errors.Join(err, w.Close())
	return buffer.Bytes(), err
}

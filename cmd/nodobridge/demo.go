package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/bridge"
	"nodobridge/nodesim"
	"nodobridge/store"
)

// The parties of the demonstration; none of them exists.
const (
	demoBroker  = "99999999999"
	demoStation = "99999999999_01"
	demoEC      = "77777777777"
)

func demoCommand() *cobra.Command {
	keep := false
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show a notice being uploaded, verified, activated, paid and receipted",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer cancel()
			return demo(ctx, cmd.OutOrStdout(), keep)
		},
	}
	cmd.Flags().BoolVar(&keep, "keep", false, "stay up afterwards, to be tried with curl")
	return cmd
}

// demonstration is one run: a station of its own, in a folder of its own.
type demonstration struct {
	teller
	station *station
	key     string
	nav     bridge.NoticeNumber
}

func demo(ctx context.Context, out io.Writer, keep bool) (err error) {
	dir, err := os.MkdirTemp("", "nodobridge-demo-")
	if err != nil {
		return fmt.Errorf("cannot make a folder for the demonstration: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c := &config{
		Environment: "demo",
		SOAP:        soapConfig{Listen: "127.0.0.1:0", Path: "/paForNode"},
		API:         apiConfig{Listen: "127.0.0.1:0"},
		Admin:       adminConfig{Listen: "127.0.0.1:0"},
		Store:       storeConfig{Dir: filepath.Join(dir, "store")},
		Log:         logConfig{Level: "error", Format: "text"},
		Brokers: []brokerConfig{{Code: demoBroker, Stations: []stationConfig{{
			ID: demoStation, CreditorInstitutions: []institutionConfig{{Code: demoEC, Name: "Comune di Prova"}},
		}}}},
	}
	if err := store.Init(c.Store.Dir); err != nil {
		return err
	}
	s, err := start(ctx, c, new(supervisor))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop(ctx)) }()
	d := &demonstration{teller: teller{out}, station: s}
	if err := d.play(ctx); err != nil {
		return err
	}
	if !keep {
		return nil
	}
	d.invite()
	return s.wait(ctx, reloads{})
}

// play is the story, scene by scene.
func (d *demonstration) play(ctx context.Context) error {
	d.heading("A station is up: SOAP %s, JSON %s", d.station.soapURL, d.station.apiURL)
	var err error
	if d.key, err = d.station.service.CreateKey(ctx, bridge.Key{Name: "demo", ECs: []bridge.ECBinding{{EC: demoEC}}}); err != nil {
		return err
	}
	if d.nav, err = bridge.NewNoticeNumber("02", time.Now().UnixMilli()); err != nil {
		return err
	}
	d.heading("The creditor institution uploads a debt position of 120.00 euro and publishes it")
	if _, err := d.call(ctx, http.MethodPost, positionsPath+"?toPublish=true", demoPosition(d.nav), http.StatusCreated); err != nil {
		return err
	}
	d.heading("The citizen pays notice %s: the node verifies, activates and delivers the receipt", d.nav.Printed())
	node := &nodesim.Node{URL: d.station.soapURL, Broker: demoBroker, Station: demoStation, Trace: d.exchange}
	story, err := node.Pay(ctx, nodesim.PayRequest{EC: demoEC, NoticeNumber: string(d.nav), Version: nodesim.V2})
	if err != nil {
		return err
	}
	if f := story.Refusal(); f != nil {
		return fmt.Errorf("the payment was refused: %w", f)
	}
	d.heading("The debt position now")
	body, err := d.call(ctx, http.MethodGet, positionsPath+"/"+demoIUPD, nil, http.StatusOK)
	if err != nil {
		return err
	}
	var position struct{ Status string }
	if err := json.Unmarshal(body, &position); err != nil || position.Status != string(bridge.Paid) {
		return fmt.Errorf("the position is %q and not PAID (%v)", position.Status, err)
	}
	return d.showReceipt(ctx, story.Receipt.ReceiptID)
}

func (d *demonstration) showReceipt(ctx context.Context, receiptID string) error {
	principal, err := d.station.service.Authenticate(ctx, d.key)
	if err != nil {
		return err
	}
	receipts, err := d.station.service.ReceiptsOfNotice(ctx, principal, demoEC, d.nav)
	if err != nil {
		return err
	}
	if len(receipts) != 1 || receipts[0].ReceiptID != receiptID {
		return fmt.Errorf("%d receipts are stored for the notice, not the one delivered", len(receipts))
	}
	r := receipts[0]
	d.heading("The stored receipt")
	d.line("receiptId %s, notice %s, %s euro, PSP %s, received %s, %d bytes kept as they came", r.ReceiptID, r.NAV, r.Amount, r.PSPCompany,
		r.ReceivedAt.Format(time.RFC3339), len(r.Raw))
	d.heading("PAID, and the receipt is kept")
	return nil
}

const (
	positionsPath = "/gpd/debt-positions-service/v1/organizations/" + demoEC + "/debtpositions"
	demoIUPD      = "DEMO-0001"
)

// call makes one call of the JSON API and prints it.
func (d *demonstration) call(ctx context.Context, method, path string, body []byte, want int) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, d.station.apiURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Ocp-Apim-Subscription-Key", d.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("cannot call the JSON API: %w", err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("cannot read the JSON API's answer: %w", err)
	}
	d.json(method, path, body, res.StatusCode, answer)
	if res.StatusCode != want {
		return nil, fmt.Errorf("the JSON API answered %d and not %d", res.StatusCode, want)
	}
	return answer, nil
}

func demoPosition(nav bridge.NoticeNumber) []byte {
	return fmt.Appendf(nil, `{"iupd":%q,"type":"F","fiscalCode":"RSSMRA80A01H501U","fullName":"Mario Rossi","companyName":"Comune di Prova","switchToExpired":false,
"paymentOption":[{"iuv":%q,"amount":12000,"description":"TARI 2026","isPartialPayment":false,"dueDate":%q,
"transfer":[{"idTransfer":"1","amount":12000,"remittanceInformation":"TARI 2026","category":"9/0101108TS/","iban":"IT60X0542811101000000123456"}]}]}`,
		demoIUPD, nav.IUV(), time.Now().UTC().AddDate(0, 1, 0).Format("2006-01-02T15:04:05"))
}

// invite prints what can be tried by hand.
func (d *demonstration) invite() {
	d.heading("The station stays up until Ctrl-C. Try, in another terminal:")
	d.line("curl -s -H 'Ocp-Apim-Subscription-Key: %s' '%s%s'", d.key, d.station.apiURL, positionsPath)
	d.line("curl -s -H 'Ocp-Apim-Subscription-Key: %s' '%s%s/%s'", d.key, d.station.apiURL, positionsPath, demoIUPD)
	d.line("curl -s '%s?wsdl'", d.station.soapURL)
	d.line("curl -s '%s/metrics'", d.station.adminURL)
	d.line("bin/nodobridge simulate verify %s --url %s --broker %s --station %s --ec %s", d.nav, d.station.soapURL, demoBroker, demoStation, demoEC)
}

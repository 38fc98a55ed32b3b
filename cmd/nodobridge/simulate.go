package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/nodesim"
)

// simulation is what the four commands have in common: whom they play the node
// against, and for which notice.
type simulation struct {
	url, broker, station, ec string
	v1                       bool
	transferType             string
	receiptID                string
	amount                   string
	standIn                  bool
	attempts                 int
}

func simulateCommand() *cobra.Command {
	s := new(simulation)
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Play the pagoPA node against a running station",
		Long: "Play the pagoPA node against a running station, over real SOAP.\n" +
			"What is not given by flags is taken from the configuration: its listener and its first station and creditor institution.",
	}
	flags := cmd.PersistentFlags()
	flags.StringVar(&s.url, "url", "", "the station's address, e.g. http://127.0.0.1:8080/paForNode")
	flags.StringVar(&s.broker, "broker", "", "idBrokerPA")
	flags.StringVar(&s.station, "station", "", "idStation")
	flags.StringVar(&s.ec, "ec", "", "idPA, the creditor institution's fiscal code")
	flags.BoolVar(&s.v1, "v1", false, "use paGetPayment and paSendRT instead of version 2")
	cmd.AddCommand(
		s.command("verify NAV", "Ask for a notice (paVerifyPaymentNotice)", s.verify),
		s.transfer(s.command("activate NAV", "Ask for a payment's data (paGetPaymentV2)", s.activate)),
		s.receipt(s.command("receipt NAV", "Deliver a receipt (paSendRTV2) for the notice's own data", s.deliver)),
		s.receipt(s.transfer(s.command("pay NAV", "Verify, activate and deliver the receipt", s.pay))),
		s.scenario(),
		s.checkout(),
		s.load(),
	)
	return cmd
}

func (s *simulation) command(use, short string, run func(*cobra.Command, *nodesim.Node, string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		if err := s.complete(cmd); err != nil {
			return err
		}
		node := &nodesim.Node{URL: s.url, Broker: s.broker, Station: s.station, Trace: teller{cmd.OutOrStdout()}.exchange}
		err := run(cmd, node, args[0])
		var unusable *nodesim.NodeError
		if errors.As(err, &unusable) {
			return &exitError{exitUnavailable, err}
		}
		return err
	}}
}

func (s *simulation) transfer(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&s.transferType, "transfer-type", "", "POSTAL or PAGOPA")
	return cmd
}

func (s *simulation) receipt(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&s.receiptID, "receipt-id", "", "receiptId (random when not given)")
	cmd.Flags().StringVar(&s.amount, "amount", "", "amount of the receipt, e.g. 120.00 (what is due when not given)")
	cmd.Flags().BoolVar(&s.standIn, "stand-in", false, "the node collected it while the station did not answer")
	cmd.Flags().IntVar(&s.attempts, "attempts", 3, "how often the node tries, a second apart")
	return cmd
}

// complete takes from the configuration what the flags leave open.
func (s *simulation) complete(cmd *cobra.Command) error {
	if s.url != "" && s.broker != "" && s.station != "" && s.ec != "" {
		return nil
	}
	c, err := loadConfig(cmd)
	if err != nil {
		return fmt.Errorf("--url, --broker, --station and --ec are not all given, and %w", err)
	}
	if s.url == "" {
		s.url = "http://" + c.SOAP.Listen + c.SOAP.Path
	}
	for _, b := range c.Brokers {
		for _, st := range b.Stations {
			for _, ec := range st.CreditorInstitutions {
				if fits(s.broker, b.Code) && fits(s.station, st.ID) && fits(s.ec, ec.Code) {
					s.broker, s.station, s.ec = b.Code, st.ID, ec.Code
					return nil
				}
			}
		}
	}
	return errors.New("no station of the configuration fits the flags: give --broker, --station and --ec")
}

func fits(given, configured string) bool { return given == "" || given == configured }

func (s *simulation) version() nodesim.Version {
	if s.v1 {
		return nodesim.V1
	}
	return nodesim.V2
}

// refusal makes a KO the command's failure.
func refusal(f *nodesim.Fault) error {
	if f == nil {
		return nil
	}
	return fmt.Errorf("refused: %w", f)
}

func (s *simulation) verify(cmd *cobra.Command, node *nodesim.Node, nav string) error {
	result, err := node.Verify(cmd.Context(), s.ec, nav)
	if err != nil {
		return err
	}
	return refusal(result.Fault)
}

func (s *simulation) ask(cmd *cobra.Command, node *nodesim.Node, nav string) (nodesim.PaymentData, error) {
	request := nodesim.ActivateRequest{EC: s.ec, NoticeNumber: nav, TransferType: s.transferType}
	if s.v1 {
		return node.GetPayment(cmd.Context(), request)
	}
	return node.GetPaymentV2(cmd.Context(), request)
}

func (s *simulation) activate(cmd *cobra.Command, node *nodesim.Node, nav string) error {
	data, err := s.ask(cmd, node, nav)
	if err != nil {
		return err
	}
	return refusal(data.Fault)
}

func (s *simulation) deliver(cmd *cobra.Command, node *nodesim.Node, nav string) error {
	data, err := s.ask(cmd, node, nav)
	if err != nil {
		return err
	}
	if data.Fault != nil {
		if s.amount == "" {
			return fmt.Errorf("the notice cannot be activated (%w); give --amount to deliver a receipt all the same", data.Fault)
		}
		data = made(s.ec, nav, s.version())
	}
	receipt, err := s.change(nodesim.ReceiptFor(data, nodesim.SamplePSP(), s.options()))
	if err != nil {
		return err
	}
	var result nodesim.ReceiptResult
	if s.v1 {
		result, err = node.SendRT(cmd.Context(), receipt)
	} else {
		result, err = node.SendRTV2(cmd.Context(), receipt)
	}
	if err != nil {
		return err
	}
	return refusal(result.Fault)
}

func (s *simulation) options() nodesim.ReceiptOptions {
	return nodesim.ReceiptOptions{Now: time.Now(), ReceiptID: s.receiptID, StandIn: s.standIn}
}

// change puts --amount into a receipt of one transfer.
func (s *simulation) change(r nodesim.Receipt) (nodesim.Receipt, error) {
	if s.amount == "" {
		return r, nil
	}
	amount, err := nodesim.ParseCents(s.amount)
	if err != nil {
		return r, fmt.Errorf("--amount: %w", err)
	}
	r.PaymentAmount = amount
	if len(r.Transfers) == 1 {
		r.Transfers[0].Amount = amount
	}
	return r, nil
}

// made is the data of a payment of which the station says nothing: that of a
// notice paid already, or of one that it does not know.
func made(ec, nav string, v nodesim.Version) nodesim.PaymentData {
	return nodesim.PaymentData{
		Version: v, Request: nodesim.ActivateRequest{EC: ec, NoticeNumber: nav}, CreditorReferenceID: nav[min(1, len(nav)):],
		Description: "pagamento simulato", CompanyName: "Ente simulato",
		Debtor:    nodesim.Subject{Type: "F", Code: "ANONIMO", FullName: "ANONIMO"},
		Transfers: []nodesim.Transfer{{ID: 1, FiscalCodePA: ec, IBAN: "IT60X0542811101000000123456", RemittanceInformation: "pagamento simulato", TransferCategory: "9/0101108TS/"}},
	}
}

func (s *simulation) pay(cmd *cobra.Command, node *nodesim.Node, nav string) error {
	story, err := node.Pay(cmd.Context(), nodesim.PayRequest{
		EC: s.ec, NoticeNumber: nav, Version: s.version(), TransferType: s.transferType, Receipt: s.options(),
		Retry: nodesim.Retry{Attempts: s.attempts, Pause: time.Second},
	})
	if err != nil {
		return err
	}
	if f := story.Refusal(); f != nil {
		return refusal(f)
	}
	for _, d := range story.Deliveries {
		if d.Fault != nil {
			return refusal(d.Fault)
		}
	}
	fmt.Fprintf(cmd.OutOrStdout(), "\npaid %s, receipt %s delivered\n", story.Payment.PaymentAmount, story.Receipt.ReceiptID)
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"nodobridge/bridge"
	"nodobridge/notice"
)

// noticesConfig is where the artwork and the texts of notices and receipts are.
type noticesConfig struct {
	BrandDir          string `mapstructure:"brand_dir"`
	LogoDir           string `mapstructure:"logo_dir"`
	TextDir           string `mapstructure:"text_dir"`
	AllowMissingBrand bool   `mapstructure:"allow_missing_brand"`
	FolderDays        int    `mapstructure:"folder_days"`
}

func (c *noticesConfig) validate() error {
	if c.FolderDays < 1 || c.FolderDays > 3650 {
		return errors.New("notices.folder_days: must be between 1 and 3650")
	}
	return nil
}

func (c *apiConfig) validate() error {
	if c.CallsPer10s < 0 {
		return errors.New("api.calls_per_10s: must not be negative; 0 is no bound")
	}
	if c.PublicURL == "" {
		return nil
	}
	at, err := url.Parse(c.PublicURL)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" || at.RawQuery != "" || at.Fragment != "" || at.User != nil {
		return fmt.Errorf("api.public_url: %q must be https://host[:port][/path]", c.PublicURL)
	}
	return nil
}

// printer makes the documents of payers.
func (c *config) printer() (*notice.Printer, error) {
	n := c.Notices
	p, err := notice.New(notice.Config{BrandDir: n.BrandDir, LogoDir: n.LogoDir, TextDir: n.TextDir, AllowMissingBrand: n.AllowMissingBrand, Producer: "nodobridge"})
	if err != nil {
		return nil, &exitError{exitConfig, fmt.Errorf("notices: %w", err)}
	}
	return p, nil
}

// noticeOrders are the orders about printed notices. What a notice says comes from the
// store; it is drawn by who has ordered it.
func noticeOrders(service *bridge.Service) map[string]orderFunc {
	return map[string]orderFunc{
		"notices/get": func(ctx context.Context, in controlRequest) (controlResponse, error) {
			n, err := service.NoticeToPrint(ctx, bridge.Operator(in.Print.EC), in.Print)
			return controlResponse{Notice: n}, err
		},
	}
}

func noticeCommand() *cobra.Command {
	var in bridge.PrintOrder
	var ec, slip, file string
	cmd := &cobra.Command{
		Use:   "notice NAV -o FILE.pdf",
		Short: "Print the payment notice of a stored position",
		Long: "Notice writes the PDF of the position that the notice number belongs to, as it is to be paid now: in full,\n" +
			"in instalments, or both, with postal slips where they may be printed.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			in.NAV, in.Slip = bridge.NoticeNumber(args[0]), bridge.SlipChoice(slip)
			if in.EC, err = c.onlyEC(ec); err != nil {
				return err
			}
			if slip != "" && !slices.Contains([]bridge.SlipChoice{bridge.SlipNever, bridge.SlipAlways}, in.Slip) {
				return errors.New("--slip must be never or always")
			}
			if in.Language != "" && !slices.Contains(bridge.SecondLanguages(), in.Language) {
				return fmt.Errorf("--language must be one of %v", bridge.SecondLanguages())
			}
			return c.printNotice(cmd, in, file)
		},
	}
	cmd.Flags().StringVar(&ec, "ec", "", "fiscal code of the creditor institution; not needed when one is configured")
	cmd.Flags().StringVarP(&file, "output", "o", "", "file to write")
	cmd.Flags().StringVar(&slip, "slip", "", "postal slips: never, or always (and fail where they may not be printed)")
	cmd.Flags().StringVar(&in.Language, "language", "", "second language: de, en, fr or sl")
	cmd.Flags().BoolVar(&in.Fine, "fine", false, "a traffic fine with a discounted and a reduced amount")
	if err := cmd.MarkFlagRequired("output"); err != nil {
		panic(err) // the flag is declared two lines above
	}
	return cmd
}

func (c *config) printNotice(cmd *cobra.Command, in bridge.PrintOrder, file string) error {
	p, err := c.printer()
	if err != nil {
		return err
	}
	out, err := order(cmd.Context(), c, "notices/get", controlRequest{Print: in})
	if err != nil {
		return err
	}
	if out.Notice == nil {
		return errors.New("the running station is of a release that cannot print: restart it")
	}
	pdf, err := p.Notice(out.Notice)
	if err != nil {
		return errors.New(orderError(err))
	}
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		return fmt.Errorf("cannot write notice: %w", err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %d amounts to pay\n", file, len(out.Notice.Payments()))
	if out.Notice.NoSlip != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "without postal slips: %s\n", out.Notice.NoSlip)
	}
	return nil
}

// onlyEC is the EC that was named, or the only one that is configured.
func (c *config) onlyEC(named string) (bridge.ECCode, error) {
	if named != "" {
		return bridge.ParseECCode(named)
	}
	registry, err := c.registry()
	if err != nil {
		return "", err
	}
	list := registry.ECs()
	if len(list) != 1 {
		return "", fmt.Errorf("say --ec: %d creditor institutions are configured", len(list))
	}
	return list[0].Code, nil
}

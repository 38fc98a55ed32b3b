package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"nodobridge/nodesim"
)

// checkout plays pagoPA's Checkout until it is interrupted.
func (s *simulation) checkout() *cobra.Command {
	listen := "127.0.0.1:8090"
	cmd := &cobra.Command{
		Use:   "checkout",
		Short: "Play pagoPA's Checkout: take carts and pay them through the station",
		Long: "Play pagoPA's Checkout on this machine: it takes the carts that the station opens, shows each on a page and pays its notices over real SOAP.\n" +
			"Set checkout.url to http://127.0.0.1:8090/v2 and outbound.allow_private to [127.0.0.1].",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.complete(cmd); err != nil {
				return err
			}
			if !onLoopback(listen) {
				return errors.New("--listen: only a loopback address, it asks for no key")
			}
			listener, err := net.Listen("tcp", listen)
			if err != nil {
				return &exitError{exitUnavailable, err}
			}
			base := "http://" + listener.Addr().String()
			version := nodesim.V2
			if s.v1 {
				version = nodesim.V1
			}
			node := &nodesim.Node{URL: s.url, Broker: s.broker, Station: s.station, Trace: teller{cmd.OutOrStdout()}.exchange}
			server := &http.Server{Handler: &nodesim.Checkout{Node: node, Version: version, Base: base}, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second}
			fmt.Fprintf(cmd.OutOrStdout(), "Checkout is played at %s/v2\n", base)
			ctx, cancel := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer cancel()
			failed := make(chan error, 1)
			go func() { failed <- server.Serve(listener) }()
			select {
			case <-ctx.Done():
				return server.Close()
			case err := <-failed:
				return err
			}
		},
	}
	cmd.Flags().StringVar(&listen, "listen", listen, "loopback address to listen on")
	return cmd
}

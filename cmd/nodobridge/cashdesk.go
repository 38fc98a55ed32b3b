package main

import (
	"context"

	"nodobridge/bridge"
	"nodobridge/checkout"
)

// cashDesk is who opens carts, nil when Checkout is not configured.
func (c *config) cashDesk() (func(context.Context, *bridge.Cart) (string, error), error) {
	if c.Checkout.URL == "" {
		return nil, nil
	}
	client, err := checkout.New(checkout.Config{URL: c.Checkout.URL, Key: c.Checkout.Key, KeyFile: c.Checkout.KeyFile, Rules: c.Outbound.rules()})
	if err != nil {
		return nil, err
	}
	return client.Open, nil
}

package main

import (
	"net/url"

	"nodobridge/soap"
)

// tlsConfig and proxyConfig are the sections soap.tls and soap.proxy of
// config.yaml, which explains every key.
type tlsConfig struct {
	CertFile      string   `mapstructure:"cert_file"`
	KeyFile       string   `mapstructure:"key_file"`
	ClientCAFiles []string `mapstructure:"client_ca_files"`
	ClientNames   []string `mapstructure:"client_names"`
	ClientEKU     string   `mapstructure:"client_eku"`
	SPKIPins      []string `mapstructure:"spki_pins"`
}

type proxyConfig struct {
	Header       string
	TrustedCIDRs []string `mapstructure:"trusted_cidrs"`
	WantVerified string   `mapstructure:"want_verified"`
	ClientNames  []string `mapstructure:"client_names"`
}

// on says whether the section is in use: a part of it alone is a mistake to be
// said, not a reason to speak plain HTTP.
func (t *tlsConfig) on() bool {
	return t.CertFile != "" || t.KeyFile != "" || len(t.ClientCAFiles) > 0 || len(t.ClientNames) > 0 || len(t.SPKIPins) > 0
}

// tls is the section as the listener takes it; the name that our certificate must
// carry is the one under which the station is registered.
func (c *soapConfig) tls() soap.TLS {
	t := soap.TLS{
		CertFile: c.TLS.CertFile, KeyFile: c.TLS.KeyFile, ClientCAFiles: c.TLS.ClientCAFiles,
		ClientNames: c.TLS.ClientNames, ClientEKU: c.TLS.ClientEKU, SPKIPins: c.TLS.SPKIPins,
	}
	if u, err := url.Parse(c.PublicURL); err == nil {
		t.ServerName = u.Hostname()
	}
	return t
}

// proxy is the declared proxy; the word that means "verified" says nothing without
// the header that carries it.
func (c *soapConfig) proxy() soap.Proxy {
	p := soap.Proxy{Header: c.Proxy.Header, TrustedCIDRs: c.Proxy.TrustedCIDRs, WantVerified: c.Proxy.WantVerified, ClientNames: c.Proxy.ClientNames}
	if p.Header == "" {
		p.WantVerified = ""
	}
	return p
}

// validate refuses what can be told to be wrong without reading files.
func (c *soapConfig) validate() error {
	if c.TLS.on() {
		if err := c.tls().Validate(); err != nil {
			return err
		}
	}
	return c.proxy().Validate(c.Listen)
}

// peers loads the certificates, when TLS is on, and judges who may call: a plain
// listener that strangers can reach is refused (reliability-security.md §3.2).
func (s *station) peers(c *soapConfig) (*soap.Peers, error) {
	if c.TLS.on() {
		certificates, err := soap.LoadCertificates(soap.CertificatesConfig{TLS: c.tls(), Clock: systemClock{}, Log: s.log.With("part", "soap")})
		if err != nil {
			return nil, &exitError{exitConfig, err}
		}
		s.certificates = certificates
	}
	peers, err := soap.NewPeers(soap.PeersConfig{Listen: c.Listen, Certificates: s.certificates, Proxy: c.proxy(), AllowedIPs: c.AllowedIPs})
	if err != nil {
		return nil, &exitError{exitConfig, err}
	}
	return peers, nil
}

package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
)

// apiTLSConfig is the section api.tls of config.yaml.
type apiTLSConfig struct {
	CertFile string `mapstructure:"cert_file"`
	KeyFile  string `mapstructure:"key_file"`
}

func (c *apiTLSConfig) on() bool { return c.CertFile != "" || c.KeyFile != "" }

// validateTLS refuses a listener on which keys and personal data would travel in clear.
func (c *apiConfig) validateTLS() error {
	switch {
	case c.TLS.on() && (c.TLS.CertFile == "" || c.TLS.KeyFile == ""):
		return errors.New("api.tls: cert_file and key_file are needed together")
	case c.TLS.on() || onLoopback(c.Listen) || len(c.ProxyCIDRs) > 0:
		return nil
	}
	return fmt.Errorf("api.listen: %q can be reached from outside, and keys and personal data would travel in clear: set api.tls.cert_file, or name the proxy that ends TLS in api.proxy_cidrs, or listen on 127.0.0.1", c.Listen)
}

// keyPair is the JSON listener's certificate, which can be replaced while it runs.
type keyPair struct {
	files   apiTLSConfig
	current atomic.Pointer[tls.Certificate]
}

func loadKeyPair(files apiTLSConfig) (*keyPair, error) {
	k := &keyPair{files: files}
	pair, err := k.read()
	k.current.Store(pair)
	return k, err
}

// read gives what the files hold now; current is what is in force.
func (k *keyPair) read() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(k.files.CertFile, k.files.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("api.tls: %w", err)
	}
	return &pair, nil
}

func (k *keyPair) listener(l net.Listener) net.Listener {
	return tls.NewListener(l, &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return k.current.Load(), nil },
	})
}

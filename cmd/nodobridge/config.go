package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"nodobridge/outbound"
)

// config is config.yaml; the file explains every key.
type config struct {
	Environment string
	SOAP        soapConfig
	API         apiConfig
	Admin       adminConfig
	Store       storeConfig
	Log         logConfig
	Outbound    outboundConfig
	Checkout    checkoutConfig
	Retention   retentionConfig
	Backup      backupConfig
	Notices     noticesConfig
	ServicesDir string `mapstructure:"services_dir"`
	Brokers     []brokerConfig
}

type soapConfig struct {
	Listen string
	Path   string
	// OptionsPath is where the payment options are asked for; empty is off.
	OptionsPath string `mapstructure:"options_path"`
	PublicURL   string `mapstructure:"public_url"`
	TLS         tlsConfig
	Proxy       proxyConfig
	AllowedIPs  []string `mapstructure:"allowed_ips"`
	// ConnectionsPerIP bounds what one address holds open; 0 is no bound.
	ConnectionsPerIP int `mapstructure:"connections_per_ip"`
}

type apiConfig struct {
	Listen string
	// CompatListen is where GPD's core is spoken, without prefixes and keys; empty is off.
	CompatListen string `mapstructure:"compat_listen"`
	PublicURL    string `mapstructure:"public_url"` // where links lead; "" as a request says
	// CallsPer10s bounds what one key may call; 0 is no bound.
	CallsPer10s int `mapstructure:"calls_per_10s"`
	// ConnectionsPerIP bounds what one address holds open; 0 is no bound.
	ConnectionsPerIP int `mapstructure:"connections_per_ip"`
	// ProxyCIDRs are in front: behind them all callers have one address.
	ProxyCIDRs []string `mapstructure:"proxy_cidrs"`
	TLS        apiTLSConfig
}

type adminConfig struct {
	Listen string
	// Reachable says that other machines may reach the listener.
	Reachable bool
}

type storeConfig struct{ Dir string }

// outboundConfig bounds calls to addresses that others name (webhooks).
type outboundConfig struct {
	AllowPrivate []string `mapstructure:"allow_private"`
	CAFile       string   `mapstructure:"ca_file"`
}

func (c *outboundConfig) rules() outbound.Rules {
	return outbound.Rules{AllowPrivate: c.AllowPrivate, CAFile: c.CAFile}
}

// checkoutConfig is where pagoPA's Checkout is; an empty url is off.
type checkoutConfig struct {
	URL     string `mapstructure:"url"`
	Key     string `mapstructure:"key"`
	KeyFile string `mapstructure:"key_file"`
}

type logConfig struct {
	Level  string
	Format string
}

// envPrefix begins the environment variables that override single keys:
// soap.listen is NODOBRIDGE_SOAP_LISTEN.
const envPrefix = "NODOBRIDGE"

// defaults holds every key that has one, which is also every key that the
// environment may override.
var defaults = map[string]any{
	"environment":       "local",
	"soap.listen":       "127.0.0.1:8080",
	"soap.path":         "/paForNode",
	"soap.options_path": "",
	"soap.public_url":   "",

	"soap.tls.cert_file":       "",
	"soap.tls.key_file":        "",
	"soap.tls.client_ca_files": []string{},
	"soap.tls.client_names":    []string{},
	"soap.tls.client_eku":      "auto",
	"soap.tls.spki_pins":       []string{},
	"soap.proxy.header":        "",
	"soap.proxy.trusted_cidrs": []string{},
	"soap.proxy.want_verified": "SUCCESS",
	"soap.proxy.client_names":  []string{},
	"soap.allowed_ips":         []string{},
	"soap.connections_per_ip":  64,
	"api.connections_per_ip":   64,
	"api.proxy_cidrs":          []string{},

	"api.compat_listen": "",
	"api.calls_per_10s": 100,
	"api.public_url":    "",
	"api.listen":        "127.0.0.1:8081",
	"admin.listen":      "127.0.0.1:8082",
	"admin.reachable":   false,
	"api.tls.cert_file": "",
	"api.tls.key_file":  "",
	"store.dir":         "var",
	"services_dir":      "",

	"notices.brand_dir":           "",
	"notices.logo_dir":            "",
	"notices.text_dir":            "",
	"notices.allow_missing_brand": false,
	"notices.folder_days":         200,

	"outbound.allow_private": []string{},
	"checkout.url":           "",

	"retention.unpaid_months":  24,
	"retention.paid_months":    132,
	"retention.receipt_months": 132,
	"retention.refused_months": 24,

	"backup.dir":           "",
	"backup.every_minutes": 60,
	"backup.recipients":    []string{},
	"backup.plain":         false,
	"backup.keep_hours":    24,
	"backup.keep_days":     14,
	"backup.keep_weeks":    5,
	"backup.max_age_days":  35,

	"checkout.key_file": "",
	"checkout.key":      "",
	"outbound.ca_file":  "",
	"log.level":         "info",
	"log.format":        "json",
}

// loadConfig reads the file named by --config.
func loadConfig(cmd *cobra.Command) (*config, error) {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return nil, err
	}
	c, err := readConfig(path, os.Environ())
	if err != nil {
		return nil, &exitError{exitConfig, fmt.Errorf("cannot use configuration %s: %w", path, err)}
	}
	c.anchor(filepath.Dir(path))
	if err := c.guardSecrets(); err != nil {
		return nil, &exitError{exitConfig, fmt.Errorf("cannot use configuration %s: %w", path, err)}
	}
	if _, err := c.desk(cmd.Context()); err != nil {
		return nil, &exitError{exitConfig, fmt.Errorf("cannot use configuration %s: %w", path, err)}
	}
	return c, nil
}

// anchor makes relative names of files relative to the configuration's folder.
func (c *config) anchor(dir string) {
	c.anchorServices(dir)
	names := []*string{&c.API.TLS.CertFile, &c.API.TLS.KeyFile, &c.Store.Dir, &c.Backup.Dir, &c.SOAP.TLS.CertFile, &c.SOAP.TLS.KeyFile, &c.Outbound.CAFile, &c.Checkout.KeyFile, &c.Notices.BrandDir, &c.Notices.LogoDir, &c.Notices.TextDir}
	for i := range c.SOAP.TLS.ClientCAFiles {
		names = append(names, &c.SOAP.TLS.ClientCAFiles[i])
	}
	for _, name := range names {
		anchorFile(name, dir)
	}
}

func readConfig(path string, environ []string) (*config, error) {
	v, err := readKeys(path, environ)
	if err != nil {
		return nil, err
	}
	var c config
	// Not weakly typed: an unquoted code is a number to YAML, which loses leading
	// zeros and, in a station's identifier, the underscore.
	if err := v.UnmarshalExact(&c, func(d *mapstructure.DecoderConfig) {
		d.WeaklyTypedInput = false
		d.DecodeHook = mapstructure.ComposeDecodeHookFunc(d.DecodeHook, mapstructure.DecodeHookFuncValue(wholeNumber))
	}); err != nil {
		return nil, plain(err)
	}
	return &c, c.validate()
}

// readKeys reads file, defaults and environment into one.
func readKeys(path string, environ []string) (*viper.Viper, error) {
	v := viper.New()
	v.SetConfigFile(path)
	v.SetConfigType("yaml")
	for key, value := range defaults {
		v.SetDefault(key, value)
	}
	if err := v.ReadInConfig(); err != nil {
		return nil, err
	}
	if err := guardPlaintext(v, path); err != nil { // before the environment's secrets are there too
		return nil, err
	}
	return v, override(v, environ)
}

// wholeNumber refuses what the decoder would cut silently: 22.21 cents.
func wholeNumber(from, to reflect.Value) (any, error) {
	switch {
	case !from.IsValid():
		return nil, nil
	case from.CanFloat() && to.CanInt():
		return nil, errors.New("expected type 'int', got a fraction")
	}
	return from.Interface(), nil
}

// ofKubernetes matches the variables that Kubernetes sets for a Service of the name
// nodobridge; they are nobody's typing error.
var ofKubernetes = regexp.MustCompile(`^NODOBRIDGE_(SERVICE_(HOST|PORT.*)|PORT(_.*)?)$`)

// override applies NODOBRIDGE_… variables and refuses those that name no key: a
// typing error must not be silent.
func override(v *viper.Viper, environ []string) error {
	keys := map[string]string{}
	for key := range defaults {
		keys[envPrefix+"_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))] = key
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix+"_") || strings.HasPrefix(name, envPrefix+"_INTEROP_") {
			continue
		}
		key, known := keys[name]
		if !known && ofKubernetes.MatchString(name) {
			continue
		}
		if !known {
			return fmt.Errorf("environment variable %s names no key", name)
		}
		if _, truth := defaults[key].(bool); truth {
			b, err := strconv.ParseBool(value)
			if err != nil {
				return fmt.Errorf("environment variable %s: %q is neither true nor false", name, value)
			}
			v.Set(key, b)
			continue
		}
		if _, number := defaults[key].(int); number {
			n, err := strconv.Atoi(value)
			if err != nil {
				return fmt.Errorf("environment variable %s: %q is no number", name, value)
			}
			v.Set(key, n)
			continue
		}
		v.Set(key, value)
	}
	return nil
}

// decoderComplaint matches what the decoder says of one key, e.g.
// "'Brokers[0].Code' expected type 'string', got unconvertible type 'int'" and
// "'SOAP' has invalid keys: lissten".
var (
	wrongType  = regexp.MustCompile(`'([^']+)' expected type '([^']+)'`)
	unknownKey = regexp.MustCompile(`'([^']*)' has invalid keys: (.+)`)
)

// plain turns the decoder's first complaint into one line in the file's words.
func plain(err error) error {
	text := err.Error()
	if m := unknownKey.FindStringSubmatch(text); m != nil {
		if m[1] == "" {
			return fmt.Errorf("unknown key: %s", m[2])
		}
		return fmt.Errorf("unknown key below %s: %s", strings.ToLower(m[1]), m[2])
	}
	if m := wrongType.FindStringSubmatch(text); m != nil {
		if m[2] == "string" {
			return fmt.Errorf("%s: must be a text; put it in quotes", strings.ToLower(m[1]))
		}
		return fmt.Errorf("%s: must be a %s", strings.ToLower(m[1]), m[2])
	}
	return err
}

func (c *config) validate() error {
	for name, address := range map[string]string{"soap.listen": c.SOAP.Listen, "api.listen": c.API.Listen, "admin.listen": c.Admin.Listen} {
		if name == "soap.listen" && strings.HasPrefix(address, unixPrefix+"/") {
			continue
		}
		if _, _, err := net.SplitHostPort(address); err != nil || strings.HasPrefix(address, unixPrefix) {
			return fmt.Errorf("%s: %q is not host:port", name, address)
		}
	}
	if !strings.HasPrefix(c.SOAP.Path, "/") || strings.ContainsAny(c.SOAP.Path, "?#%") {
		return fmt.Errorf("soap.path: %q must begin with / and be a plain path", c.SOAP.Path)
	}
	if c.SOAP.OptionsPath != "" && (!strings.HasPrefix(c.SOAP.OptionsPath, "/") || strings.ContainsAny(c.SOAP.OptionsPath, "?#%")) {
		return fmt.Errorf("soap.options_path: %q must begin with / and be a plain path, or be empty", c.SOAP.OptionsPath)
	}
	if c.SOAP.PublicURL != "" {
		u, err := url.Parse(c.SOAP.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("soap.public_url: %q must be an http or https address", c.SOAP.PublicURL)
		}
	}
	if err := c.SOAP.validate(); err != nil {
		return err
	}
	if at := c.API.CompatListen; at != "" && !onLoopback(at) {
		return fmt.Errorf("api.compat_listen: %q must be a port of this machine's loopback address, e.g. 127.0.0.1:8083: it asks for no key", at)
	}
	if err := errors.Join(c.Retention.validate(), c.Notices.validate(), c.API.validate()); err != nil {
		return err
	}
	if err := c.Backup.validate(); err != nil {
		return err
	}
	if err := c.validateDoors(); err != nil {
		return err
	}
	if c.Store.Dir == "" {
		return errors.New("store.dir: must name a folder")
	}
	if !slices.Contains([]string{"json", "text"}, c.Log.Format) {
		return fmt.Errorf("log.format: %q must be json or text", c.Log.Format)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log.Level)); err != nil {
		return fmt.Errorf("log.level: %q must be debug, info, warn or error", c.Log.Level)
	}
	_, err := c.registry()
	return err
}

// level is how much is logged.
func (c *config) level() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log.Level)); err != nil {
		return slog.LevelInfo // validate has refused this already
	}
	return level
}

// logger writes to standard error, where a supervisor collects it.
func (c *config) logger() *slog.Logger { return c.leveledLogger(c.level()) }

func (c *config) leveledLogger(level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if c.Log.Format == "text" {
		return slog.New(slog.NewTextHandler(os.Stderr, options))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, options))
}

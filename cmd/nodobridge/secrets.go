package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"
)

// credentialPrefix begins the name of a file that systemd hands over (LoadCredential=),
// in a folder that only this process sees.
const credentialPrefix = "credential:"

// anchorFile makes a name relative to the configuration's folder, or one of systemd's
// credentials.
func anchorFile(name *string, dir string) {
	if credential, ok := strings.CutPrefix(*name, credentialPrefix); ok {
		// Without systemd there is no such folder, and guardSecrets says so.
		if folder := os.Getenv("CREDENTIALS_DIRECTORY"); folder != "" && filepath.IsLocal(credential) {
			*name = filepath.Join(folder, credential)
		}
		return
	}
	if *name != "" && !filepath.IsAbs(*name) {
		*name = filepath.Join(dir, *name)
	}
}

// secretKeys are the keys that hold a secret itself.
var secretKeys = []string{"checkout.key"}

// guardPlaintext refuses a secret in a file that others may read
// (reliability-security.md §3.3).
func guardPlaintext(v *viper.Viper, path string) error {
	for _, key := range secretKeys {
		if !v.InConfig(key) || v.GetString(key) == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			return fmt.Errorf("%s: holds a secret, and others than its owner may read the file (mode %04o): chmod 600 it, or put the secret into %s_file", key, info.Mode().Perm(), key)
		}
	}
	return nil
}

// guardSecrets refuses files with secrets that everybody may read, and credentials that
// are not there.
func (c *config) guardSecrets() error {
	if c.Checkout.Key != "" && c.Checkout.KeyFile != "" {
		return errors.New("checkout.key, checkout.key_file: only one of them can hold the key")
	}
	files := map[string]string{"checkout.key_file": c.Checkout.KeyFile, "api.tls.key_file": c.API.TLS.KeyFile, "soap.tls.key_file": c.SOAP.TLS.KeyFile}
	_ = c.eachService(func(at string, _ *stationConfig, _ *institutionConfig, s *serviceConfig) error { // the visit cannot fail
		if s.Amount != nil && s.Amount.Callback != nil {
			files[at+".amount.callback.token_file"] = s.Amount.Callback.TokenFile
		}
		return nil
	})
	for key, name := range files {
		if strings.HasPrefix(name, credentialPrefix) {
			return fmt.Errorf("%s: %s is no credential that systemd hands over: it needs LoadCredential= in the unit, and a plain name", key, name)
		}
		if key == "soap.tls.key_file" || name == "" {
			continue // soap.Certificates judges it, also after a renewal
		}
		if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o007 != 0 {
			return fmt.Errorf("%s: everybody on this machine may read %s: chmod 600 it", key, name)
		}
	}
	return nil
}

func configCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Look at the configuration"}
	cmd.AddCommand(&cobra.Command{
		Use:   "show",
		Short: "Print every key with the value in force, secrets left out",
		Args:  cobra.NoArgs,
		RunE:  showConfig,
	})
	return cmd
}

// showConfig prints what loadConfig accepts.
func showConfig(cmd *cobra.Command, _ []string) error {
	if _, err := loadConfig(cmd); err != nil {
		return err
	}
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return err
	}
	v, err := readKeys(path, os.Environ())
	if err != nil {
		return err
	}
	shown := viper.New()
	shown.SetConfigType("yaml")
	if err := shown.MergeConfigMap(redacted(v.AllSettings())); err != nil {
		return err
	}
	return shown.WriteConfigTo(cmd.OutOrStdout())
}

// hidden stands in the place of a secret.
const hidden = "(hidden)"

// secretName matches keys whose value is a secret, whichever section they are in; names
// of files are none.
var secretName = regexp.MustCompile(`(?i)^(key|token|secret|password|passphrase)$`)

// redacted takes out secrets, and what addresses carry of them.
func redacted(settings map[string]any) map[string]any {
	out := make(map[string]any, len(settings))
	for key, value := range settings {
		out[key] = redactedValue(key, value)
	}
	return out
}

func redactedValue(key string, value any) any {
	switch value := value.(type) {
	case map[string]any:
		return redacted(value)
	case []any:
		list := make([]any, len(value))
		for i := range value {
			list[i] = redactedValue(key, value[i])
		}
		return list
	case string:
		if value != "" && secretName.MatchString(key) {
			return hidden
		}
		return redactedURL(value)
	}
	return value
}

// redactedURL leaves scheme, host and path of an address.
func redactedURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User == nil && u.RawQuery == "" {
		return text
	}
	if u.User != nil {
		u.User = url.User("hidden")
	}
	if u.RawQuery != "" {
		u.RawQuery = "hidden"
	}
	return u.String()
}

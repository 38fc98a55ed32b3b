// Command supply says what a built nodobridge is made of: a CycloneDX bill of materials
// and the licences of every linked module. It fails on a licence that is not allowed, a
// module that docs/dependencies.md does not account for, more modules than agreed, or a
// toolchain that is not the pinned one (reliability-security.md §8 G21, §11). It reads
// the module cache and the network never.
package main

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxModules is G21's goal of 30 and the three that docs/dependencies.md argues for.
const maxModules = 33

// module is one linked module.
type module struct {
	Path, Version, Sum string
	Licences           []string
	texts              []string // of its licence files
}

func main() {
	binary := flag.String("binary", "bin/nodobridge", "the built program")
	out := flag.String("out", "dist", "where sbom.cdx.json and THIRD-PARTY.txt are written")
	flag.Parse()
	if err := run(*binary, *out); err != nil {
		fmt.Fprintln(os.Stderr, "supply: "+err.Error())
		os.Exit(1)
	}
}

func run(binary, out string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	var list []module
	for _, d := range info.Deps {
		if d.Replace != nil {
			return fmt.Errorf("%s is replaced by %s: what is linked is not what is named", d.Path, d.Replace.Path)
		}
		m := module{Path: d.Path, Version: d.Version, Sum: d.Sum}
		if err := m.read(); err != nil {
			return err
		}
		list = append(list, m)
	}
	pinned, err := pinnedToolchain("go.mod")
	if err != nil {
		return err
	}
	accounts, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		return err
	}
	if err := errors.Join(judge(list, string(accounts)), sameToolchain(info.GoVersion, pinned)); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	bom, err := json.MarshalIndent(bomOf(list, info.GoVersion), "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "sbom.cdx.json"), append(bom, '\n'), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, "THIRD-PARTY.txt"), []byte(thirdParty(list)), 0o644); err != nil {
		return err
	}
	fmt.Printf("%d linked modules, all under %s; %s; %s and THIRD-PARTY.txt written\n", len(list), strings.Join(allowed, ", "), info.GoVersion, filepath.Join(out, "sbom.cdx.json"))
	return nil
}

// read finds the module's licences in the module cache.
func (m *module) read() error {
	text, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", m.Path).Output()
	dir := strings.TrimSpace(string(text))
	if err != nil || dir == "" {
		return fmt.Errorf("%s is not in the module cache: run go mod download (%w)", m.Path, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	for _, name := range files {
		base := strings.ToUpper(filepath.Base(name))
		if !strings.HasPrefix(base, "LICENSE") && !strings.HasPrefix(base, "LICENCE") && !strings.HasPrefix(base, "COPYING") && !strings.HasPrefix(base, "NOTICE") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		m.texts = append(m.texts, string(text))
		m.Licences = append(m.Licences, licencesIn(string(text))...)
	}
	slices.Sort(m.Licences)
	m.Licences = slices.Compact(m.Licences)
	return nil
}

// judge says everything that is wrong with the list.
func judge(list []module, accounts string) error {
	var errs []error
	if len(list) > maxModules {
		errs = append(errs, fmt.Errorf("%d modules are linked, at most %d are agreed", len(list), maxModules))
	}
	for _, m := range list {
		if len(m.Licences) == 0 {
			errs = append(errs, fmt.Errorf("%s: no licence is found", m.Path))
		}
		for _, l := range m.Licences {
			if !slices.Contains(allowed, l) {
				errs = append(errs, fmt.Errorf("%s: %s is not allowed", m.Path, l))
			}
		}
		if !accountedFor(m.Path, accounts) {
			errs = append(errs, fmt.Errorf("%s: docs/dependencies.md does not account for it", m.Path))
		}
	}
	return errors.Join(errs...)
}

var versionSuffix = regexp.MustCompile(`^v[0-9]+$`)

// accountedFor looks for the module's path, or for its own name among what another
// brings along.
func accountedFor(modulePath, accounts string) bool {
	name := path.Base(modulePath)
	if versionSuffix.MatchString(name) {
		name = path.Base(path.Dir(modulePath))
	}
	if first, rest, ok := strings.Cut(modulePath, "golang.org/x/"); ok && first == "" {
		name = "x/" + rest
	}
	return strings.Contains(accounts, modulePath) || regexp.MustCompile(`(^|[ ,|])`+regexp.QuoteMeta(name)+`([ ,|]|$)`).MatchString(accounts)
}

var toolchainLine = regexp.MustCompile(`(?m)^toolchain (go\S+)$`)

func pinnedToolchain(goMod string) (string, error) {
	text, err := os.ReadFile(goMod)
	if err != nil {
		return "", err
	}
	found := toolchainLine.FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%s pins no toolchain", goMod)
	}
	return string(found[1]), nil
}

func sameToolchain(built, pinned string) error {
	if version, _, _ := strings.Cut(built, " "); version != pinned {
		return fmt.Errorf("built by %s, and go.mod pins %s", built, pinned)
	}
	return nil
}

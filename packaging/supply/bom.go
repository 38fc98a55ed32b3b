package main

import (
	"fmt"
	"strings"
)

// bom is a CycloneDX 1.5 document, as far as it says something of us. It holds no time
// and no random number: the same build gives the same bytes.
type bom struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Licences   []licence  `json:"licenses,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type licence struct {
	Licence licenceID `json:"license"`
}

type licenceID struct {
	ID string `json:"id"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// embedded is what is in the program and is no Go module.
var embedded = []component{
	{Type: "library", Name: "sqlite", Licences: licences("blessing"), Properties: []property{{"nodobridge:within", "github.com/mattn/go-sqlite3"}}},
	{Type: "data", Name: "Titillium Web", Licences: licences("OFL-1.1"), Properties: []property{{"nodobridge:within", "notice/fonts"}}},
	{Type: "data", Name: "Roboto Mono", Licences: licences("OFL-1.1"), Properties: []property{{"nodobridge:within", "notice/fonts"}}},
}

func licences(ids ...string) []licence {
	list := make([]licence, len(ids))
	for i, id := range ids {
		list[i].Licence.ID = id
	}
	return list
}

func bomOf(list []module, goVersion string) bom {
	b := bom{Format: "CycloneDX", Spec: "1.5", Version: 1, Metadata: metadata{component{Type: "application", Name: "nodobridge", Licences: licences("EUPL-1.2")}}}
	version, _, _ := strings.Cut(strings.TrimPrefix(goVersion, "go"), " ")
	b.Components = append(b.Components, component{Type: "platform", Name: "go", Version: version, Licences: licences("BSD-3-Clause")})
	for _, m := range list {
		b.Components = append(b.Components, component{
			Type: "library", Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path + "@" + m.Version,
			Licences: licences(m.Licences...), Properties: []property{{"go:sum", m.Sum}},
		})
	}
	b.Components = append(b.Components, embedded...)
	return b
}

// thirdParty is the licences to be handed over with the program.
func thirdParty(list []module) string {
	var b strings.Builder
	b.WriteString("nodobridge is built with the following modules; their licences follow.\nSQLite is in the public domain. Titillium Web and Roboto Mono are under the SIL Open Font License 1.1.\n")
	for _, m := range list {
		fmt.Fprintf(&b, "\n%s\n%s %s (%s)\n%s\n\n", strings.Repeat("=", 78), m.Path, m.Version, strings.Join(m.Licences, ", "), strings.Repeat("=", 78))
		for _, text := range m.texts {
			b.WriteString(strings.TrimSpace(text) + "\n\n")
		}
	}
	return b.String()
}

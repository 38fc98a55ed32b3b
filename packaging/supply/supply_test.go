package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Reaches inside the package: a command has no other way in.

func TestLicencesIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Permission is hereby granted,\n free of charge, to any person":             {"MIT"},
		"Apache License\n Version 2.0, January 2004":                                {"Apache-2.0"},
		"Mozilla Public License Version 2.0":                                        {"MPL-2.0"},
		"Redistribution and use in source and binary forms, with":                   {"BSD-2-Clause"},
		"Redistribution and use in source and binary forms ... Neither the name of": {"BSD-3-Clause"},
		"GNU GENERAL PUBLIC LICENSE Version 3":                                      {"GPL"},
		"all rights reserved":                                                       nil,
	} {
		if got := licencesIn(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// linked are the modules of the program as the build would link them.
func linked(t *testing.T) []module {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-tags", "sqlite_omit_load_extension,osusergo,netgo", "-deps", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", "./cmd/nodobridge")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []module
	for line := range strings.Lines(string(out)) {
		name, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		if version == "" || slices.ContainsFunc(list, func(m module) bool { return m.Path == name }) {
			continue
		}
		m := module{Path: name, Version: version}
		if err := m.read(); err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	if len(list) < 15 {
		t.Fatalf("only %d modules", len(list))
	}
	return list
}

// TestSupply is G21: what is linked is under an allowed licence and accounted for.
func TestSupply(t *testing.T) {
	t.Parallel()
	list := linked(t)
	accounts, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	if err := judge(list, string(accounts)); err != nil {
		t.Error(err)
	}
	text := thirdParty(list)
	for _, m := range list {
		if !strings.Contains(text, m.Path+" "+m.Version) || len(m.texts) == 0 {
			t.Errorf("%s is not among the third parties", m.Path)
		}
	}
	encoded, err := json.Marshal(bomOf(list, "go1.26.8 X:some"))
	if err != nil || !strings.Contains(string(encoded), `"version":"1.26.8"`) || strings.Count(string(encoded), `"purl"`) != len(list) {
		t.Errorf("%v\n%s", err, encoded)
	}
}

func TestJudge_Refuses(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]module{
		"no licence": {Path: "example.org/etree"}, "a forbidden one": {Path: "example.org/etree", Licences: []string{"AGPL"}}, "not accounted for": {Path: "example.org/unknown", Licences: []string{"MIT"}},
	} {
		if err := judge([]module{m}, "| example.org/etree | etree |"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := judge(make([]module, maxModules+1), ""); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d modules", maxModules+1)) {
		t.Error(err)
	}
	if sameToolchain("go1.26.7", "go1.26.8") == nil || sameToolchain("go1.26.8 X:nocoverageredesign", "go1.26.8") != nil {
		t.Error("the toolchain is not compared")
	}
}

// The pinned toolchain is the one that runs here, so that a check can mean something.
func TestPinnedToolchain(t *testing.T) {
	t.Parallel()
	pinned, err := pinnedToolchain("../../go.mod")
	if err != nil || !strings.HasPrefix(pinned, "go1.") {
		t.Errorf("%q, %v", pinned, err)
	}
}

package notice

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"nodobridge/bridge"
)

//go:embed words/*.json
var wordFiles embed.FS

// italian is the language that says everything; the others only label.
const italian = "it"

// words are the fixed texts of one language by their keys. A text may hold names in
// braces, which are filled in, and **bold** words.
type words struct {
	lang string
	text map[string]string
}

// say gives a text with its names filled in: say("part", "n", "3").
func (w words) say(key string, pairs ...string) string {
	text := w.text[key]
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

// loadWords reads all languages. A file of the same name in dir replaces single texts
// of ours: pagoPA changes its wording from one version of the guide to the next
// (notices.md §3).
func loadWords(dir string) (map[string]words, error) {
	all := map[string]words{}
	for _, lang := range append([]string{italian}, bridge.SecondLanguages()...) {
		own, err := wordFiles.ReadFile("words/" + lang + ".json")
		if err != nil {
			return nil, err
		}
		w := words{lang: lang, text: map[string]string{}}
		if err := json.Unmarshal(own, &w.text); err != nil {
			return nil, fmt.Errorf("cannot read %s.json: %w", lang, err)
		}
		if err := w.override(dir, all[italian]); err != nil {
			return nil, err
		}
		all[lang] = w
	}
	return all, nil
}

func (w words) override(dir string, model words) error {
	if dir == "" {
		return nil
	}
	path := filepath.Join(dir, w.lang+".json")
	file, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cannot read the notices' texts: %w", err)
	}
	changed := map[string]string{}
	if err := json.NewDecoder(bytes.NewReader(file)).Decode(&changed); err != nil {
		return fmt.Errorf("%s: must be one object of texts: %w", path, err)
	}
	known := model.text
	if known == nil {
		known = w.text
	}
	for _, key := range slices.Sorted(maps.Keys(changed)) {
		old, ok := known[key]
		if !ok {
			return fmt.Errorf("%s: %q is no text of notices", path, key)
		}
		for _, name := range blanks.FindAllString(changed[key], -1) {
			if !strings.Contains(old, name) {
				return fmt.Errorf("%s: %s: %s is not filled in here", path, key, name)
			}
		}
		w.text[key] = changed[key]
	}
	return nil
}

var blanks = regexp.MustCompile(`\{[a-z]+\}`)

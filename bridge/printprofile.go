package bridge

import "slices"

// PrintProfile is what else of an EC stands on its notices (notices.md §3).
type PrintProfile struct {
	Info         string // how to reach it: site, telephone, address
	Places       string // where it takes payments itself, e.g. "presso la tesoreria comunale"
	Website      bool   // notices can be paid on its site
	App          bool   // and in its own app
	PostalHolder string // of the account at Poste; "" is the EC's name
	Language     string // a second language of every notice, see SecondLanguages
}

// SecondLanguages are the languages that notices can speak beside Italian.
func SecondLanguages() []string { return []string{"de", "en", "fr", "sl"} }

// Lengths of what is printed (notices.md §3).
const (
	maxPrintInfo   = 100
	maxPrintPlaces = 50
	maxPrintHolder = 50
)

// broken gives the first key that breaks a rule; "" when none does.
func (p *PrintProfile) broken() (key, rule string) {
	for _, text := range []struct {
		key, text string
		max       int
		rule      string
	}{
		{"notice_info", p.Info, maxPrintInfo, "must be one line of at most 100 characters"},
		{"notice_places", p.Places, maxPrintPlaces, "must be one line of at most 50 characters"},
		{"postal_holder", p.PostalHolder, maxPrintHolder, "must be one line of at most 50 characters"},
	} {
		if text.text != line(text.text, text.max) {
			return text.key, text.rule
		}
	}
	if p.Language != "" && !slices.Contains(SecondLanguages(), p.Language) {
		return "notice_language", "must be de, en, fr or sl"
	}
	return "", ""
}

package nodesim

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// plot is what the lines read so far have made known.
type plot struct {
	notices   map[string]string // name to number
	activated map[string]bool   // notice numbers that some line activates
	receipts  map[string]int    // receipts sent, with their lines
}

func newPlot() *plot {
	return &plot{notices: map[string]string{}, activated: map[string]bool{}, receipts: map[string]int{}}
}

// sentence is a line on its way to become a step.
type sentence struct {
	*plot
	words []string
	at    int
	step  Step
}

var (
	wordForm    = regexp.MustCompile(`"[^"]*"|[^\s,]+|,`)
	noticeForm  = regexp.MustCompile(`^[0-9]{18}$`)
	nameForm    = regexp.MustCompile(`^\pL[\pL0-9_.-]*$`)
	codeForm    = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
	ecForm      = regexp.MustCompile(`^[0-9]{11}$`)
	partyForm   = regexp.MustCompile(`^[^",]{1,35}$`) // stText35 of the contract, as far as a word can be one
	addressForm = regexp.MustCompile(`^https?://[^/\s]+`)
	quotedForm  = regexp.MustCompile(`^"[^"]+"$`)
)

// split cuts a line into words; a colon at a word's end and a comma are words of their own, white space is none.
func split(line string) []string {
	var words []string
	for _, w := range wordForm.FindAllString(line, -1) {
		if w != ":" && strings.HasSuffix(w, ":") {
			words = append(words, strings.TrimSuffix(w, ":"), ":")
		} else {
			words = append(words, w)
		}
	}
	return words
}

// step reads one line.
func (p *plot) step(line int, text string) (Step, error) {
	s := &sentence{plot: p, words: split(text), step: Step{Line: line, Text: text}}
	if strings.HasPrefix(text, "#") {
		s.step.Verb = Narrate
		return s.step, nil
	}
	err := s.read()
	if err == nil && s.at < len(s.words) {
		err = s.wrong("the end of the line")
	}
	return s.step, err
}

func (s *sentence) read() error {
	switch {
	case s.take("the", "station", "is"):
		return s.station()
	case s.take("the", "node", "writes"):
		return s.hand()
	case s.take("notice"):
		return s.name()
	case s.take("wait"):
		return s.wait()
	default:
		return s.call()
	}
}

// word is the word under the eye, empty at the end.
func (s *sentence) word() string {
	if s.at == len(s.words) {
		return ""
	}
	return s.words[s.at]
}

func (s *sentence) wrong(want string) error {
	return &SyntaxError{Line: s.step.Line, Word: s.at + 1, Found: s.word(), Want: want}
}

// take moves past words if they come next.
func (s *sentence) take(words ...string) bool {
	for i, w := range words {
		if s.at+i >= len(s.words) || s.words[s.at+i] != w {
			return false
		}
	}
	s.at += len(words)
	return true
}

// want moves past words that must come.
func (s *sentence) want(words ...string) error {
	for _, w := range words {
		if !s.take(w) {
			return s.wrong(strconv.Quote(w))
		}
	}
	return nil
}

// form moves past a word of a form.
func (s *sentence) form(form *regexp.Regexp, into *string, want string) error {
	if !form.MatchString(s.word()) {
		return s.wrong(want)
	}
	*into = s.word()
	s.at++
	return nil
}

// station reads what follows "the station is": its parts, in any order, with or without commas.
func (s *sentence) station() error {
	s.step.Verb = SetStation
	const parts = `an address (http://…), "broker", "station", "EC" or "version"`
	for first := true; first || s.at < len(s.words); first = false {
		if !first {
			s.take(",")
		}
		err := s.part(parts)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sentence) part(parts string) error {
	switch {
	case s.take("broker"):
		return s.form(partyForm, &s.step.Broker, "the broker's code, 1 to 35 characters")
	case s.take("station"):
		return s.form(partyForm, &s.step.Station, "the station's identifier, 1 to 35 characters")
	case s.take("EC"):
		return s.form(ecForm, &s.step.EC, "the creditor institution's fiscal code, 11 digits")
	case s.take("version", "1"):
		s.step.Version = V1
		return nil
	case s.take("version", "2"):
		s.step.Version = V2
		return nil
	case s.take("version"):
		return s.wrong("1 or 2")
	default:
		return s.form(addressForm, &s.step.URL, parts)
	}
}

// hand reads what follows "the node writes".
func (s *sentence) hand() error {
	s.step.Verb = SetHand
	if s.take("plainly") {
		return nil
	}
	if !s.take("strangely") {
		return s.wrong(`"plainly" or "strangely"`)
	}
	s.step.Strange = true
	s.take(",")
	if !s.take("seed") {
		return nil
	}
	seed, err := strconv.ParseUint(s.word(), 10, 64)
	if err != nil {
		return s.wrong("a seed: a whole number below 2^64")
	}
	s.step.Seed = &seed
	s.at++
	return nil
}

// name reads "notice A is 302…".
func (s *sentence) name() error {
	s.step.Verb = NameNotice
	err := s.form(nameForm, &s.step.Name, "the notice's name: a letter, then letters, digits, _, - or a point")
	if err != nil {
		return err
	}
	if s.notices[s.step.Name] != "" {
		s.at--
		return s.wrong("a name that no notice has yet")
	}
	err = s.want("is")
	if err != nil {
		return err
	}
	err = s.form(noticeForm, &s.step.Notice, "a notice number of 18 digits")
	s.notices[s.step.Name] = s.step.Notice
	return err
}

func (s *sentence) wait() error {
	s.step.Verb = WaitAWhile
	d, err := time.ParseDuration(s.word())
	if err != nil || d < 0 || d > time.Hour {
		return s.wrong("how long, at most an hour: 500ms, 2s, 1m30s")
	}
	s.step.Wait = d
	s.at++
	return nil
}

// amount reads an amount in the wire's own form.
func (s *sentence) amount() (*Cents, error) {
	c, err := ParseCents(s.word())
	if err != nil {
		return nil, s.wrong("an amount in euro with two decimals, 120.00")
	}
	s.at++
	return &c, nil
}

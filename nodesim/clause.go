package nodesim

import (
	"fmt"
	"strings"
)

// call reads a line that calls the station and says what it should answer.
func (s *sentence) call() error {
	err := s.trouble()
	if err != nil {
		return err
	}
	switch {
	case s.take("verify"):
		s.step.Verb = AskVerify
		_, err = s.notice()
	case s.take("activate"):
		s.step.Verb = AskActivate
		err = s.activation()
	case s.take("pay"):
		s.step.Verb = MakePayment
		err = s.activation()
	case s.take("receipt"):
		s.step.Verb = SendReceipt
		err = s.receipt()
	case s.take("probe"):
		s.step.Verb = SendProbe
	case s.step.Trouble != NoTrouble:
		err = s.wrong("verify, activate, pay, receipt or probe")
	default:
		err = s.wrong(`verify, activate, pay, receipt, probe, "cut", "twice", "notice", "wait", "the station is", "the node writes" or #`)
	}
	if err != nil {
		return err
	}
	if !s.take(":") {
		return s.wrong(s.more())
	}
	return s.expectation()
}

// more is what may stand at the end of a call.
func (s *sentence) more() string {
	const answer = `":" and what the station should answer`
	switch s.step.Verb {
	case AskActivate:
		return `"as", "of", or ` + answer
	case MakePayment:
		return `"as", or ` + answer
	case SendReceipt:
		return `"of", "with", "to", "again", or ` + answer
	default:
		return answer
	}
}

// trouble reads what befalls the call that follows.
func (s *sentence) trouble() error {
	if s.take("twice") {
		s.step.Trouble = Duplicated
		s.take(",")
		return nil
	}
	if !s.take("cut") {
		return nil
	}
	switch {
	case s.take("the", "connection"), s.take("the", "request"):
		s.step.Trouble = CutInRequest
	case s.take("the", "answer"):
		s.step.Trouble = CutInAnswer
	default:
		return s.wrong(`"the request", "the answer" or "the connection"`)
	}
	s.take(",")
	return s.want("then")
}

// notice reads a name or a number, and gives the number.
func (s *sentence) notice() (string, error) {
	number, named := s.notices[s.word()]
	if !named && !noticeForm.MatchString(s.word()) {
		return "", s.wrong("a notice number of 18 digits, or a name given to one before (notice A is 302…)")
	}
	if !named {
		number = s.word()
	}
	s.step.Notice = s.word()
	s.at++
	return number, nil
}

// activation reads the notice of an activate or a pay and what follows it.
func (s *sentence) activation() error {
	number, err := s.notice()
	if err != nil {
		return err
	}
	s.activated[number] = true
	for err == nil {
		switch {
		case s.step.TransferAs == "" && s.take("as"):
			if s.word() != "POSTAL" && s.word() != "PAGOPA" {
				return s.wrong("POSTAL or PAGOPA")
			}
			s.step.TransferAs = s.word()
			s.at++
		case s.step.Verb == AskActivate && s.step.Amount == nil && s.take("of"):
			s.step.Amount, err = s.amount()
		default:
			return nil
		}
	}
	return err
}

// receipt reads "r1 for A" and what follows it.
func (s *sentence) receipt() error {
	s.step.Literal = quotedForm.MatchString(s.word())
	if !s.step.Literal && !nameForm.MatchString(s.word()) {
		return s.wrong("the receipt's name, or its receiptId in quotes")
	}
	s.step.Receipt = strings.Trim(s.word(), `"`)
	name := s.at
	s.at++
	err := s.want("for")
	if err != nil {
		return err
	}
	number, err := s.notice()
	if err != nil {
		return err
	}
	err = s.particulars()
	if err != nil {
		return err
	}
	first, sent := s.receipts[s.receiptKey(number)]
	switch {
	case s.step.Again && !sent:
		s.at = name
		return s.wrong("a receipt that was sent for this notice before, since it comes again")
	case !s.step.Again && sent:
		return s.wrong(fmt.Sprintf(`"again", since line %d sent this receipt`, first))
	case !s.step.Again && s.step.Amount == nil && !s.activated[number]:
		return s.wrong(`"of" and an amount, since no line before activates the notice`)
	}
	if !sent {
		s.receipts[s.receiptKey(number)] = s.step.Line
	}
	return nil
}

// receiptKey is what makes a receipt the same: its name, its notice and who is told.
func (s *sentence) receiptKey(number string) string {
	return fmt.Sprint(s.step.Literal, " ", s.step.Receipt, " ", number, " ", s.step.Recipient)
}

// particulars reads what a receipt has of its own, in any order.
func (s *sentence) particulars() error {
	var err error
	for err == nil {
		switch {
		case !s.step.Again && s.step.Amount == nil && s.take("of"):
			s.step.Amount, err = s.amount()
		case !s.step.Again && s.step.StandIn == NoStandIn && s.take("with"):
			err = s.standIn()
		case s.step.Recipient == "" && s.take("to"):
			err = s.form(ecForm, &s.step.Recipient, "the fiscal code of who is told, 11 digits")
		case !s.step.Again && s.step.Amount == nil && s.step.StandIn == NoStandIn && s.take("again"):
			s.step.Again = true
		default:
			return nil
		}
	}
	return err
}

func (s *sentence) standIn() error {
	switch mark := StandIn(s.word()); mark {
	case StandInInside, StandInBeside:
		s.step.StandIn = mark
		s.at++
		return nil
	default:
		return s.wrong(`"standIn" (inside the receipt) or "standin" (beside it, as before SANP 3.9)`)
	}
}

// expectation reads what follows the colon.
func (s *sentence) expectation() error {
	switch {
	case s.take("OK"):
		s.step.Want.Reply = SaysOK
		if s.word() == "" || s.step.Verb == SendReceipt || s.step.Verb == SendProbe {
			return nil
		}
		var err error
		s.step.Want.Amount, err = s.amount()
		return err
	case s.take("KO"):
		s.step.Want.Reply = SaysKO
		return s.code("a fault code, PAA_PAGAMENTO_SCONOSCIUTO")
	case s.take("no", "answer"):
		s.step.Want.Reply = NoAnswer
		return s.code(fmt.Sprintf("%s, %s or %s", BadResponse, TimedOut, Unreachable))
	default:
		return s.wrong(`"OK", "KO" or "no answer"`)
	}
}

// code reads a code that may be left out.
func (s *sentence) code(want string) error {
	if s.word() == "" {
		return nil
	}
	return s.form(codeForm, &s.step.Want.Code, want)
}

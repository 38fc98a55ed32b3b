package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// AnomalyClass names what an operator has to look at. A receipt with an anomaly
// is stored and answered OK all the same (architecture.md §7).
type AnomalyClass string

// The classes.
const (
	AnomalySchema         AnomalyClass = "schema"           // the XSD is violated, the essential fields are readable
	AnomalyVariant        AnomalyClass = "variant"          // a known receiptId came again with other bytes
	AnomalyUnknownNotice  AnomalyClass = "unknown_notice"   // the notice is not ours to know (§2.5 step 6)
	AnomalyOtherEC        AnomalyClass = "other_ec"         // recipient is a secondary or broadcast EC
	AnomalyDoublePayment  AnomalyClass = "double_payment"   // the notice, or the position by another option, was already paid
	AnomalyExcludedOption AnomalyClass = "excluded_option"  // another option of the position had been started
	AnomalyNotPublished   AnomalyClass = "not_published"    // paid while a draft or before its validity
	AnomalyCancelled      AnomalyClass = "cancelled"        // paid after it was invalidated
	AnomalyExpired        AnomalyClass = "expired"          // paid after it had become unpayable
	AnomalyAmount         AnomalyClass = "amount_differs"   // paymentAmount is not what was due
	AnomalySuspicious     AnomalyClass = "suspicious"       // paymentAmount is at least a hundred times what was due
	AnomalyTransferTotal  AnomalyClass = "transfers_differ" // the transfers do not add up to paymentAmount
	AnomalyIUV            AnomalyClass = "iuv_differs"      // creditorReferenceId is not the notice's
	AnomalyDebtor         AnomalyClass = "debtor_differs"   // another debtor than the position's
	AnomalyDate           AnomalyClass = "date_implausible" // paid over a day after its receipt came, or before the position was there
	AnomalyStandIn        AnomalyClass = "stand_in"         // for information: collected by the node in the station's place (§2.8)
	AnomalyOutcome        AnomalyClass = "outcome_ko"       // a receipt of a failed payment
	AnomalyConfiguration  AnomalyClass = "configuration"    // refused: broker, station or EC are not configured here
	AnomalyUnreadable     AnomalyClass = "unreadable"       // refused: essential fields cannot be read
)

// AnomalyClasses lists every class, for what asks by one.
var AnomalyClasses = []AnomalyClass{
	AnomalySchema, AnomalyVariant, AnomalyUnknownNotice, AnomalyOtherEC, AnomalyDoublePayment, AnomalyExcludedOption,
	AnomalyNotPublished, AnomalyCancelled, AnomalyExpired, AnomalyAmount, AnomalySuspicious, AnomalyTransferTotal,
	AnomalyIUV, AnomalyDebtor, AnomalyDate, AnomalyStandIn, AnomalyOutcome, AnomalyConfiguration, AnomalyUnreadable,
}

// Anomaly is one thing an operator has to look at. Detail holds codes and
// amounts, never a person's data.
type Anomaly struct {
	ID        int64 // given by the store
	Class     AnomalyClass
	EC        string // as received; may be no valid code when the input was refused
	ReceiptID string
	NAV       NoticeNumber
	Detail    string
	At        time.Time

	AcknowledgedAt time.Time // zero while nobody has looked at it
	AcknowledgedBy string
}

// AnomalyQuery asks for anomalies. Zero values mean no filter.
type AnomalyQuery struct {
	EC    string
	Class AnomalyClass
	Since time.Time // noted then or later
	Limit int       // how many of the newest; 1 to MaxAnomalies
}

// MaxAnomalies bounds one answer.
const MaxAnomalies = 1000

// Anomalies lists what was noted, newest first, for the operator of the station:
// it is bound to no EC.
func (s *Service) Anomalies(ctx context.Context, q AnomalyQuery) ([]Anomaly, error) {
	if q.Class != "" && !slices.Contains(AnomalyClasses, q.Class) {
		return nil, &Error{Code: CodeInvalid, Field: "class", Detail: fmt.Sprintf("there is no class of anomalies %q; the classes are %q", q.Class, AnomalyClasses)}
	}
	if q.Limit < 1 || q.Limit > MaxAnomalies {
		return nil, &Error{Code: CodeInvalid, Field: "limit", Detail: fmt.Sprintf("the limit must be 1 to %d", MaxAnomalies)}
	}
	var found []Anomaly
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		found, err = tx.FindAnomalies(ctx, q)
		return err
	})
	return found, unavailable("read the anomalies", err)
}

// AnomalyList asks for an EC's anomalies in the order of their numbers.
type AnomalyList struct {
	EC           ECCode
	Class        AnomalyClass // "": all
	Open         bool         // only those that nobody has looked at
	After        int64        // the number of the last one that is known
	Segregations []string     // codes in the notice number
	Limit        int
}

// AnomaliesOf lists what was noted about an EC's receipts, oldest first.
func (s *Service) AnomaliesOf(ctx context.Context, by Principal, q AnomalyList) ([]Anomaly, error) {
	if !by.MayActFor(q.EC) {
		return nil, &Error{Code: CodeKeyForbidden}
	}
	q.Segregations = by.Segregations
	var list []Anomaly
	err := s.store.View(ctx, func(tx ReadTx) (err error) {
		list, err = tx.ListAnomalies(ctx, q)
		return err
	})
	return list, unavailable("list the anomalies", err)
}

// AcknowledgeAnomaly notes that somebody has looked at an anomaly. A second time
// changes nothing.
func (s *Service) AcknowledgeAnomaly(ctx context.Context, by Principal, ec ECCode, id int64) (Anomaly, error) {
	if !by.MayActFor(ec) {
		return Anomaly{}, &Error{Code: CodeKeyForbidden}
	}
	now := s.now()
	var a Anomaly
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		a, err = tx.AcknowledgeAnomaly(ctx, AnomalyList{EC: ec, Segregations: by.Segregations}, id, by.actor(), now)
		if err != nil {
			return err
		}
		return tx.Journal(ctx, JournalEntry{At: now, Actor: by.actor(), Action: "anomaly.acknowledge", EC: string(ec), Object: fmt.Sprint(id), Detail: string(a.Class)})
	})
	if errors.Is(err, ErrNotFound) {
		return a, refuse(CodeAnomalyUnknown, "organization %s has no anomaly %d", ec, id)
	}
	return a, unavailable("acknowledge the anomaly", err)
}

// classesOf and classesIn write and read the classes of a receipt's anomalies as the
// journal's detail.
func classesOf(found []Anomaly) string {
	texts := make([]string, len(found))
	for i, a := range found {
		texts[i] = string(a.Class)
	}
	return strings.Join(texts, ",")
}

func classesIn(detail string) []AnomalyClass {
	var classes []AnomalyClass
	for text := range strings.SplitSeq(detail, ",") {
		if class := AnomalyClass(text); slices.Contains(AnomalyClasses, class) {
			classes = append(classes, class)
		}
	}
	return classes
}

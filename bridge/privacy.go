package bridge

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// What stands in the place of personal data once it is taken away. Amounts, dates,
// taxonomy codes, notice numbers and receipt ids stay: they are accounting
// (reliability-security.md §6 "Anonymisation").
const (
	anonymousName = "ANONIMO" // as the wire says it of a debtor without a name
	removedText   = "dato rimosso"
	aliasPrefix   = "ANON"
)

// Redactor takes the persons out of a receipt's bytes. The bridge knows no XML.
type Redactor func(raw []byte, debtor string) ([]byte, error)

// alias stands for a fiscal code: the same for the same person in this installation, and
// of no use without its key. Sixteen characters, as the wire allows.
func alias(key []byte, code string) string {
	if code == "" || strings.HasPrefix(code, aliasPrefix) {
		return code
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(strings.ToUpper(code))) // a hash never fails
	return aliasPrefix + hex.EncodeToString(mac.Sum(nil)[:6])
}

// anonymise takes out who owes and for what; money stays.
func (p *Position) anonymise(key []byte) {
	for i := range p.Options {
		o := &p.Options[i]
		o.Description = removed(o.Description)
		o.Debtor = Debtor{Type: o.Debtor.Type, FiscalCode: alias(key, o.Debtor.FiscalCode), FullName: anonymousName}
		for j := range o.Instalments {
			in := &o.Instalments[j]
			in.Description, in.Metadata = removed(in.Description), nil
			for k := range in.Transfers {
				in.Transfers[k].RemittanceInformation = removed(in.Transfers[k].RemittanceInformation)
				in.Transfers[k].Metadata = nil
			}
		}
	}
}

func removed(text string) string {
	if text == "" {
		return ""
	}
	return removedText
}

// anonymisePosition takes the person out of one position.
func anonymisePosition(ctx context.Context, tx Tx, key PositionKey, privacyKey []byte, now time.Time) error {
	p, err := tx.Position(ctx, key.EC, key.IUPD)
	if errors.Is(err, ErrNotFound) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	p.anonymise(privacyKey)
	if err := tx.ReplacePosition(ctx, p); err != nil {
		return err
	}
	if err := tx.MarkAnonymised(ctx, key, now); err != nil {
		return err
	}
	return tx.Journal(ctx, JournalEntry{At: now, Actor: "operator", Action: "position.anonymise", EC: string(key.EC), Object: string(key.IUPD), Detail: string(p.Status), About: p.about()})
}

// redactReceipt takes the persons out of one receipt.
func redactReceipt(ctx context.Context, tx Tx, key ReceiptKey, privacyKey []byte, redact Redactor, now time.Time) error {
	r, err := tx.Receipt(ctx, key.EC, key.ReceiptID)
	if err != nil {
		return err
	}
	debtor := alias(privacyKey, r.DebtorFiscalCode)
	raw, err := redact(r.Raw, debtor)
	if err != nil {
		return fmt.Errorf("cannot redact receipt: %w", err)
	}
	if err := tx.RedactReceipt(ctx, key, raw, debtor, now); err != nil {
		return err
	}
	return tx.Journal(ctx, JournalEntry{At: now, Actor: "operator", Action: "receipt.redact", EC: string(key.EC), Object: key.ReceiptID, About: r.about("")})
}

// Compact rewrites the store's file, so that nothing of what was taken away is left in
// it. Writers wait meanwhile: it is for a quiet hour.
func (s *Service) Compact(ctx context.Context) error {
	compacting, ok := s.store.(interface{ Compact(context.Context) error })
	if !ok {
		return errors.New("cannot compact the store: it has no such operation")
	}
	return compacting.Compact(ctx)
}

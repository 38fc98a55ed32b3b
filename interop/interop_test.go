// Package interop_test lets SOAP stacks that nobody here wrote play the node.
//
// The station's own tests and its simulator are written by the people who wrote the
// station, so they can agree on a mistake. zeep, PHP SoapClient, node-soap and JAX-WS
// RI know only the WSDL that the station serves. README.md tells what each notices.
package interop_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	// Plain dates: an offset is legal in xsd:date, but readers of the field crash on it.
	plainDate  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	wireAmount = regexp.MustCompile(`^\d+\.\d{2}$`)
	fiscalCode = regexp.MustCompile(`^\d{11}$`)
	// XSD paForNode.xsd stEntityUniqueIdentifierValue
	personCode = regexp.MustCompile(`^.{2,16}$`)
	personType = regexp.MustCompile(`^[FG]$`)
	filled     = regexp.MustCompile(`\S`)
)

func TestForeignClients_PayANotice(t *testing.T) {
	wsdlURL, newNotice := station(t)
	turn := turns()
	for _, c := range clients {
		for _, version := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s/v%d", c.name, version), func(t *testing.T) {
				c.require(t)
				paid := newNotice(version)
				t.Parallel()
				turn(t)
				got := c.run(t, wsdlURL, paid.nav, version)

				equal(t, "client", got.Client, c.name)
				equal(t, "version", got.Version, version)
				check(t, got, paid)
			})
		}
	}
}

// check judges what a client has read. It reports to any tester, so that
// TestDamage_IsNoticedAsTheReadmeSays can ask for the verdict alone.
func check(t tester, got report, paid notice) {
	t.Helper()
	checkVerify(t, got.Verify, paid.cents)
	checkActivate(t, got.Activate, paid)
	checkAgreement(t, got.Verify, got.Activate)
	for i, transfer := range got.Activate.Transfers {
		checkTransfer(t, i, transfer, got.Version)
	}
	equal(t, "receipt.outcome", got.Receipt.Outcome, "OK")
	checkDuplicate(t, got.VerifyAgain)
}

// tester is the part of *testing.T that a verdict needs.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
}

func checkVerify(t tester, got verifyReport, cents int64) {
	t.Helper()
	equal(t, "verify.outcome", got.Outcome, "OK")
	equal(t, "verify.amount", got.Amount, units(cents))
	equal(t, "verify.options", got.Options, "EQ") // the only one in use, pagopa-api#216
	if got.AllCCP == nil {
		t.Errorf("verify.allCCP is missing")
	}
	equal(t, "verify.fiscalCodePA", got.FiscalCodePA, creditorInstitution)
	match(t, "verify.companyName", got.CompanyName, filled)
	match(t, "verify.paymentDescription", got.PaymentDescription, filled)
	if got.DueDate != "" {
		match(t, "verify.dueDate", got.DueDate, plainDate)
	}
}

func checkActivate(t tester, got activateReport, paid notice) {
	t.Helper()
	equal(t, "activate.outcome", got.Outcome, "OK")
	equal(t, "activate.creditorReferenceId", got.CreditorReferenceID, paid.nav[1:]) // aux digit 3
	equal(t, "activate.paymentAmount", got.PaymentAmount, units(paid.cents))
	match(t, "activate.dueDate", got.DueDate, plainDate)
	match(t, "activate.description", got.Description, filled)
	match(t, "activate.companyName", got.CompanyName, filled)
	match(t, "activate.debtor.type", got.Debtor.Type, personType)
	match(t, "activate.debtor.value", got.Debtor.Value, personCode)
	match(t, "activate.debtor.fullName", got.Debtor.FullName, filled)
	checkMetadata(t, "activate.metadata", got.Metadata)
	if n := len(got.Transfers); n < 1 || n > 5 {
		t.Errorf("activate has %d transfers, want 1 to 5", n)
	}
	var sum int64
	for _, transfer := range got.Transfers {
		sum += inCents(t, "transferAmount", transfer.TransferAmount)
	}
	equal(t, "sum of the transfers in cents", sum, paid.cents)
	if paid.transfers != nil && !reflect.DeepEqual(got.Transfers, paid.transfers) {
		t.Errorf("activate.transfers are %+v, want %+v", got.Transfers, paid.transfers)
	}
}

// checkAgreement: verify and activate describe one notice, to the payer and to the PSP.
func checkAgreement(t tester, verify verifyReport, activate activateReport) {
	t.Helper()
	equal(t, "amount in verify and activate", verify.Amount, activate.PaymentAmount)
	equal(t, "companyName in verify and activate", verify.CompanyName, activate.CompanyName)
	equal(t, "officeName in verify and activate", verify.OfficeName, activate.OfficeName)
	if verify.DueDate != "" {
		equal(t, "dueDate in verify and activate", verify.DueDate, activate.DueDate)
	}
}

func checkTransfer(t tester, index int, got transferReport, version int) {
	t.Helper()
	name := fmt.Sprintf("transfers[%d].", index)
	equal(t, name+"idTransfer", got.IDTransfer, index+1)
	match(t, name+"fiscalCodePA", got.FiscalCodePA, fiscalCode)
	match(t, name+"remittanceInformation", got.RemittanceInformation, filled)
	match(t, name+"transferCategory", got.TransferCategory, filled)
	checkMetadata(t, name+"metadata", got.Metadata)
	if (got.IBAN == "") == (got.StampType == "") {
		t.Errorf("%sIBAN is %q and bollo is %q, want exactly one", name, got.IBAN, got.StampType)
	}
	if version == 1 {
		// XSD paForNode.xsd ctTransferPA has neither
		equal(t, name+"companyName", got.CompanyName, "")
		equal(t, name+"bollo", got.StampType, "")
	}
}

func checkMetadata(t tester, name string, got map[string]string) {
	t.Helper()
	if len(got) > 15 { // XSD ctMetadata
		t.Errorf("%s has %d entries, want at most 15", name, len(got))
	}
	for key, value := range got {
		match(t, name+" key", key, filled)
		match(t, name+"["+key+"]", value, filled)
	}
}

func checkDuplicate(t tester, got faultReport) {
	t.Helper()
	equal(t, "verifyAgain.outcome", got.Outcome, "KO")
	equal(t, "verifyAgain.faultCode", got.FaultCode, "PAA_PAGAMENTO_DUPLICATO")
	// SANP "Gestione degli errori" fixes the text
	equal(t, "verifyAgain.faultString", got.FaultString, "Pagamento in attesa risulta concluso all'Ente Creditore")
	equal(t, "verifyAgain.id", got.ID, creditorInstitution)
}

func equal[T comparable](t tester, name string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}

func match(t tester, name, got string, want *regexp.Regexp) {
	t.Helper()
	if !want.MatchString(got) {
		t.Errorf("%s is %q, want a match of %s", name, got, want)
	}
}

// units writes an amount as the wire does: 12000 cents are 120.00.
func units(cents int64) string {
	return fmt.Sprintf("%d.%02d", cents/100, cents%100)
}

func inCents(t tester, name, amount string) int64 {
	t.Helper()
	match(t, name, amount, wireAmount)
	cents, err := strconv.ParseInt(strings.Replace(amount, ".", "", 1), 10, 64)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return cents
}

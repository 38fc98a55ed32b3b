package bridge

// TransferStatus says whether the reporting flow has shown the transfer
// (gpd-api.md §2.3).
type TransferStatus string

// The two states of a transfer.
const (
	TransferUnreported TransferStatus = "T_UNREPORTED"
	TransferReported   TransferStatus = "T_REPORTED"
)

// Transfer is the share of an instalment that one beneficiary receives, on an
// account or as a revenue stamp (exactly one of IBAN and Stamp).
type Transfer struct {
	ID                    int    // 1 to 5, the idTransfer of the wire
	EC                    ECCode // beneficiary; may be another EC than the position's
	CompanyName           string // beneficiary's name, may be empty
	Amount                Cents
	RemittanceInformation string
	Category              string // taxonomy code, e.g. "9/0101108TS/"
	IBAN                  string
	PostalIBAN            string // only together with IBAN
	Stamp                 *Stamp
	Metadata              []Metadata
	Status                TransferStatus
}

// Stamp is an electronic revenue stamp ("marca da bollo digitale", XSD
// ctRichiestaMarcaDaBollo).
type Stamp struct {
	HashDocument        string // base64 of the document's SHA-256
	Type                string // "01"
	ProvincialResidence string // two capital letters
}

// maxTransfers is XSD ctTransferListPA's maxOccurs.
const maxTransfers = 5

// postalABI is Poste Italiane's bank code: an Italian IBAN of it is a postal
// account (soap-node.md §2.2 allCCP).
const postalABI = "07601"

// postalAccount is the account of the transfer at Poste, or "".
func (t *Transfer) postalAccount() string {
	if t.PostalIBAN != "" {
		return t.PostalIBAN
	}
	if len(t.IBAN) == 27 && t.IBAN[:2] == "IT" && t.IBAN[5:10] == postalABI {
		return t.IBAN
	}
	return ""
}

package bridge

import "fmt"

// ECCode is the fiscal code of a creditor institution ("ente creditore"): 11
// digits (XSD stFiscalCodePA). It is the tenant of everything stored.
type ECCode string

// ParseECCode accepts exactly 11 ASCII digits.
func ParseECCode(s string) (ECCode, error) {
	if len(s) != 11 || !allDigits(s) {
		return "", fmt.Errorf("the creditor institution's fiscal code must be 11 digits")
	}
	return ECCode(s), nil
}

// CreditorInstitution is an EC as the configuration registers it.
type CreditorInstitution struct {
	Code ECCode
	Name string // shown to the payer as companyName, when the position has none
}

// Station is a station of a broker, with the ECs that it serves.
type Station struct {
	ID  string // e.g. "99999999999_01"
	ECs map[ECCode]CreditorInstitution
	// DuplicateReceiptOK answers OK instead of PAA_RECEIPT_DUPLICATA to a receipt
	// that is already stored. Both are final for the node (soap-node.md §2.5 step 3).
	DuplicateReceiptOK bool
}

// Broker is the intermediary ("intermediario") that owns stations; for an EC
// that connects by itself it is the EC.
type Broker struct {
	Code     string // fiscal code, 11 digits
	Stations map[string]Station
}

// Registry is who may be addressed by the node: brokers, their stations and the
// ECs on them. It is immutable once built; a reload builds another.
type Registry struct {
	brokers map[string]Broker
	first   string
}

// NewRegistry checks and indexes the brokers. An EC may stand on several
// stations; a station id belongs to one broker.
func NewRegistry(brokers []Broker) (*Registry, error) {
	r := &Registry{brokers: make(map[string]Broker, len(brokers))}
	owner := map[string]string{}
	for _, b := range brokers {
		if _, err := ParseECCode(b.Code); err != nil {
			return nil, fmt.Errorf("broker %q: the code must be 11 digits", b.Code)
		}
		if _, twice := r.brokers[b.Code]; twice {
			return nil, fmt.Errorf("broker %q is listed twice", b.Code)
		}
		for id, station := range b.Stations {
			if id == "" || len(id) > 35 {
				return nil, fmt.Errorf("broker %q: the station id %q must have 1 to 35 characters", b.Code, id)
			}
			if other, taken := owner[id]; taken {
				return nil, fmt.Errorf("station %q belongs to both broker %q and broker %q", id, other, b.Code)
			}
			owner[id] = b.Code
			for code, ec := range station.ECs {
				if err := ec.validate(code); err != nil {
					return nil, fmt.Errorf("station %q: %w", id, err)
				}
			}
		}
		if r.first == "" {
			r.first = b.Code
		}
		r.brokers[b.Code] = b
	}
	return r, nil
}

func (ec CreditorInstitution) validate(key ECCode) error {
	if _, err := ParseECCode(string(ec.Code)); err != nil || key != ec.Code {
		return fmt.Errorf("creditor institution %q: the fiscal code must be 11 digits", ec.Code)
	}
	if line(ec.Name, maxText140) == "" {
		return fmt.Errorf("creditor institution %q: the name is missing", ec.Code)
	}
	return nil
}

// OwnBroker is the code of our (first) broker: the last resort for a fault's id.
func (r *Registry) OwnBroker() string { return r.first }

// ECs lists the registered creditor institutions, each once.
func (r *Registry) ECs() []CreditorInstitution {
	var list []CreditorInstitution
	seen := map[ECCode]bool{}
	for _, b := range r.brokers {
		for _, s := range b.Stations {
			for code, ec := range s.ECs {
				if !seen[code] {
					seen[code] = true
					list = append(list, ec)
				}
			}
		}
	}
	return list
}

// Addressee is whom the node addresses in every call: the first three elements
// of each request (XSD idPA, idBrokerPA, idStation).
type Addressee struct {
	EC      string
	Broker  string
	Station string
}

// FaultID is the id of a fault in the answer: idPA of the request, else
// idBrokerPA, else our broker's code (architecture.md §7).
func (a Addressee) FaultID(ownBroker string) string {
	switch {
	case a.EC != "":
		return a.EC
	case a.Broker != "":
		return a.Broker
	default:
		return ownBroker
	}
}

// find is checks 3 to 5 of soap-node.md §2.0, in that order: broker, station,
// EC on that station.
func (r *Registry) find(a Addressee) (Station, CreditorInstitution, error) {
	broker, ok := r.brokers[a.Broker]
	if !ok {
		return Station{}, CreditorInstitution{}, &Error{Code: CodeBrokerUnknown, Field: "idBrokerPA"}
	}
	station, ok := broker.Stations[a.Station]
	if !ok {
		return Station{}, CreditorInstitution{}, &Error{Code: CodeStationUnknown, Field: "idStation"}
	}
	ec, ok := station.ECs[ECCode(a.EC)]
	if !ok {
		return Station{}, CreditorInstitution{}, &Error{Code: CodeECUnknown, Field: "idPA"}
	}
	return station, ec, nil
}

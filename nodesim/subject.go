package nodesim

import "github.com/beevik/etree"

// Subject is a debtor or a payer (ctSubject). Empty fields are not written.
type Subject struct {
	Type                string // F a person, G a company
	Code                string // fiscal code, or ANONIMO
	FullName            string
	StreetName          string
	CivicNumber         string
	PostalCode          string
	City                string
	StateProvinceRegion string
	Country             string
	Email               string
}

func (s Subject) put(parent *etree.Element, name string) {
	e := parent.CreateElement(name)
	id := e.CreateElement("uniqueIdentifier")
	put(id, "entityUniqueIdentifierType", s.Type)
	put(id, "entityUniqueIdentifierValue", s.Code)
	put(e, "fullName", s.FullName)
	putIf(e, "streetName", s.StreetName)
	putIf(e, "civicNumber", s.CivicNumber)
	putIf(e, "postalCode", s.PostalCode)
	putIf(e, "city", s.City)
	putIf(e, "stateProvinceRegion", s.StateProvinceRegion)
	putIf(e, "country", s.Country)
	putIf(e, "e-mail", s.Email)
}

func readSubject(e *etree.Element) Subject {
	id := childOf(e, "uniqueIdentifier")
	return Subject{
		Type: valueOf(id, "entityUniqueIdentifierType"), Code: valueOf(id, "entityUniqueIdentifierValue"),
		FullName: valueOf(e, "fullName"), StreetName: valueOf(e, "streetName"), CivicNumber: valueOf(e, "civicNumber"),
		PostalCode: valueOf(e, "postalCode"), City: valueOf(e, "city"),
		StateProvinceRegion: valueOf(e, "stateProvinceRegion"), Country: valueOf(e, "country"), Email: valueOf(e, "e-mail"),
	}
}

// MapEntry is one pair of metadata.
type MapEntry struct{ Key, Value string }

func putMetadata(parent *etree.Element, entries []MapEntry) {
	if len(entries) == 0 {
		return
	}
	metadata := parent.CreateElement("metadata")
	for _, entry := range entries {
		e := metadata.CreateElement("mapEntry")
		put(e, "key", entry.Key)
		put(e, "value", entry.Value)
	}
}

// readMetadata reads the metadata below a parent, if it has any.
func readMetadata(parent *etree.Element) []MapEntry {
	metadata := childOf(parent, "metadata")
	if metadata == nil {
		return nil
	}
	var entries []MapEntry
	for e := range metadata.ChildElementsSeq() {
		entries = append(entries, MapEntry{Key: valueOf(e, "key"), Value: valueOf(e, "value")})
	}
	return entries
}

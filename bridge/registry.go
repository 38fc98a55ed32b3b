package bridge

import (
	"fmt"
	"maps"
	"slices"
)

// Registry is who may be addressed by the node: brokers, their stations and the
// ECs on them. It is immutable once built; a reload builds another.
type Registry struct {
	brokers       map[string]Broker
	first         string
	registrations map[ECCode][]registration
}

// registration is an EC on one station.
type registration struct {
	broker  string
	station *Station
	ec      CreditorInstitution
}

// Place says whose entry of the registry is meant, and which key of it as
// config.yaml names it, e.g. "segregation_codes[0]". Station and EC are empty when
// the entry is the broker's or the station's own.
type Place struct {
	Broker  string
	Station string
	EC      ECCode
	Key     string
}

// RegistryError is a rule that an entry breaks.
type RegistryError struct {
	Place
	Rule string
}

// Error names the entry by its codes; who knows the file can say its path there.
func (e *RegistryError) Error() string {
	s := fmt.Sprintf("broker %q", e.Broker)
	if e.Station != "" {
		s += fmt.Sprintf(", station %q", e.Station)
	}
	if e.EC != "" {
		s += fmt.Sprintf(", creditor institution %q", e.EC)
	}
	return s + ", " + e.Key + ": " + e.Rule
}

// NewRegistry checks and indexes the brokers: each entry by itself, then what must
// hold between them. A broken rule is a *RegistryError. A station id belongs to
// one broker; an EC may stand on several stations, which share no notices.
func NewRegistry(brokers []Broker) (*Registry, error) {
	r := &Registry{brokers: make(map[string]Broker, len(brokers)), registrations: map[ECCode][]registration{}}
	owner := map[string]string{}
	for _, b := range brokers {
		if _, err := ParseECCode(b.Code); err != nil {
			return nil, &RegistryError{Place{Broker: b.Code, Key: "code"}, "must be the broker's fiscal code, 11 digits"}
		}
		if _, twice := r.brokers[b.Code]; twice {
			return nil, &RegistryError{Place{Broker: b.Code, Key: "code"}, "is listed twice"}
		}
		for _, id := range slices.Sorted(maps.Keys(b.Stations)) {
			at := Place{Broker: b.Code, Station: id, Key: "id"}
			if other, taken := owner[id]; taken {
				return nil, &RegistryError{at, "belongs to broker " + other + " already"}
			}
			owner[id] = b.Code
			station := b.Stations[id]
			if err := r.register(at, &station); err != nil {
				return nil, err
			}
		}
		if r.first == "" {
			r.first = b.Code
		}
		r.brokers[b.Code] = b
	}
	return r, nil
}

// register checks a station and adds its ECs.
func (r *Registry) register(at Place, s *Station) error {
	if s.ID == "" || len(s.ID) > 35 || s.ID != at.Station {
		return &RegistryError{at, "must have 1 to 35 characters"}
	}
	if s.PrimitiveVersion != 0 && s.PrimitiveVersion != Primitive1 && s.PrimitiveVersion != Primitive2 {
		at.Key = "primitive_version"
		return &RegistryError{at, "must be 1 or 2"}
	}
	for _, code := range slices.Sorted(maps.Keys(s.ECs)) {
		at := Place{Broker: at.Broker, Station: s.ID, EC: code}
		ec := s.ECs[code]
		if ec.Code != code {
			at.Key = "code"
			return &RegistryError{at, "must be the fiscal code of the entry"}
		}
		if key, rule := ec.broken(); key != "" {
			at.Key = key
			return &RegistryError{at, rule}
		}
		for _, earlier := range r.registrations[code] {
			if key, rule := ec.disagrees(&earlier); key != "" {
				at.Key = key
				return &RegistryError{at, rule}
			}
		}
		r.registrations[code] = append(r.registrations[code], registration{at.Broker, s, ec})
	}
	return nil
}

// OwnBroker is the code of our (first) broker: the last resort for a fault's id.
func (r *Registry) OwnBroker() string { return r.first }

// ECs lists the registered creditor institutions by their codes, each once.
func (r *Registry) ECs() []CreditorInstitution {
	var list []CreditorInstitution
	for _, code := range slices.Sorted(maps.Keys(r.registrations)) {
		list = append(list, r.registrations[code][0].ec)
	}
	return list
}

// Serves says whether the EC is enrolled on a station of the broker.
func (r *Registry) Serves(broker string, ec ECCode) bool {
	return slices.ContainsFunc(r.registrations[ec], func(on registration) bool { return on.broker == broker })
}

// receives says whether the node sends the EC's notices of this number to a station here.
func (r *Registry) receives(ec ECCode, nav NoticeNumber) bool {
	return slices.ContainsFunc(r.registrations[ec], func(on registration) bool { return on.ec.serves(nav) })
}

// EC finds a creditor institution; its codes are those of its first station, all
// else is the same on every one.
func (r *Registry) EC(code ECCode) (CreditorInstitution, bool) {
	on := r.registrations[code]
	if len(on) == 0 {
		return CreditorInstitution{}, false
	}
	return on[0].ec, true
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

// SetRegistry puts another registry in force, for calls that begin from now on.
// Those under way end with the one that they began with.
func (s *Service) SetRegistry(r *Registry) { s.registry.Store(r) }

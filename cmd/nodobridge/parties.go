package main

import (
	"errors"
	"fmt"
	"slices"

	"nodobridge/bridge"
)

// brokerConfig, stationConfig and institutionConfig are the list of brokers of
// config.yaml, which explains every key. What is a pointer, or a list that may be
// nil, can be told from its zero value.
type brokerConfig struct {
	Code     string
	Stations []stationConfig
}

type stationConfig struct {
	ID                   string
	PrimitiveVersion     *int `mapstructure:"primitive_version"`
	Broadcast            bool
	DuplicateReceiptOK   bool                `mapstructure:"duplicate_receipt_ok"`
	CreditorInstitutions []institutionConfig `mapstructure:"creditor_institutions"`
}

type institutionConfig struct {
	Code                string
	Name                string
	AuxDigit            *int     `mapstructure:"aux_digit"`
	SegregationCodes    []string `mapstructure:"segregation_codes"`
	ApplicationCode     string   `mapstructure:"application_code"`
	IBANs               []string `mapstructure:"ibans"`
	CBILL               string   `mapstructure:"cbill"`
	PostalAccount       string   `mapstructure:"postal_account"`
	PostalAuthorization string   `mapstructure:"postal_authorization"`
	PostalHolder        string   `mapstructure:"postal_holder"`
	NoticeInfo          string   `mapstructure:"notice_info"`
	NoticePlaces        string   `mapstructure:"notice_places"`
	NoticeLanguage      string   `mapstructure:"notice_language"`
	PayOnWebsite        bool     `mapstructure:"pay_on_website"`
	PayInApp            bool     `mapstructure:"pay_in_app"`
	Profile             string
	Services            []serviceConfig
}

// registry builds whom the node may address. An error names the path in the file.
func (c *config) registry() (*bridge.Registry, error) {
	var brokers []bridge.Broker
	for i, b := range c.Brokers {
		broker := bridge.Broker{Code: b.Code, Stations: map[string]bridge.Station{}}
		for j, s := range b.Stations {
			at := fmt.Sprintf("brokers[%d].stations[%d]", i, j)
			if _, twice := broker.Stations[s.ID]; twice {
				return nil, fmt.Errorf("%s.id: is listed twice", at)
			}
			station, err := s.station(at)
			if err != nil {
				return nil, err
			}
			broker.Stations[s.ID] = station
		}
		brokers = append(brokers, broker)
	}
	registry, err := bridge.NewRegistry(brokers)
	var broken *bridge.RegistryError
	if errors.As(err, &broken) {
		return nil, fmt.Errorf("%s: %s", c.path(broken.Place), broken.Rule)
	}
	return registry, err
}

func (s *stationConfig) station(at string) (bridge.Station, error) {
	station := bridge.Station{
		ID: s.ID, PrimitiveVersion: bridge.Primitive2, Broadcast: s.Broadcast, DuplicateReceiptOK: s.DuplicateReceiptOK,
		ECs: map[bridge.ECCode]bridge.CreditorInstitution{},
	}
	if v := s.PrimitiveVersion; v != nil {
		if *v != 1 && *v != 2 {
			return station, fmt.Errorf("%s.primitive_version: must be 1 or 2", at)
		}
		station.PrimitiveVersion = bridge.PrimitiveVersion(*v)
	}
	for k, ec := range s.CreditorInstitutions {
		at := fmt.Sprintf("%s.creditor_institutions[%d]", at, k)
		code := bridge.ECCode(ec.Code)
		if _, twice := station.ECs[code]; twice {
			return station, fmt.Errorf("%s.code: is listed twice", at)
		}
		institution, err := ec.institution()
		if err != nil {
			return station, fmt.Errorf("%s.%w", at, err)
		}
		station.ECs[code] = institution
	}
	return station, nil
}

func (ec *institutionConfig) institution() (bridge.CreditorInstitution, error) {
	out := bridge.CreditorInstitution{
		Code: bridge.ECCode(ec.Code), Name: ec.Name, SegregationCodes: ec.SegregationCodes, ApplicationCode: ec.ApplicationCode,
		CBILL: ec.CBILL, PostalAccount: ec.PostalAccount, PostalAuthorization: ec.PostalAuthorization, Profile: bridge.Profile(ec.Profile),
		Print: bridge.PrintProfile{
			Info: ec.NoticeInfo, Places: ec.NoticePlaces, Website: ec.PayOnWebsite, App: ec.PayInApp, PostalHolder: ec.PostalHolder, Language: ec.NoticeLanguage,
		},
	}
	for _, iban := range ec.IBANs {
		out.IBANs = append(out.IBANs, bridge.IBAN(iban))
	}
	if ec.AuxDigit != nil {
		out.AuxDigit = bridge.AuxDigit(fmt.Sprint(*ec.AuxDigit))
	}
	// A forgotten list would let every number of the EC through.
	if out.AuxDigit == bridge.AuxSegregationCodes && ec.SegregationCodes == nil {
		return out, errors.New(`segregation_codes: must list the codes of the notices that this station serves, or be [] for any`)
	}
	return out, nil
}

// path says where a place of the registry is in the file, e.g.
// "brokers[0].stations[0].creditor_institutions[1].name".
func (c *config) path(at bridge.Place) string {
	b := slices.IndexFunc(c.Brokers, func(b brokerConfig) bool { return b.Code == at.Broker })
	if at.Station == "" && at.Key == "code" {
		// A code may be listed twice: the later one is to be corrected.
		for i := range c.Brokers {
			if c.Brokers[i].Code == at.Broker {
				b = i
			}
		}
		return fmt.Sprintf("brokers[%d].code", b)
	}
	stations := c.Brokers[b].Stations
	s := slices.IndexFunc(stations, func(s stationConfig) bool { return s.ID == at.Station })
	path := fmt.Sprintf("brokers[%d].stations[%d]", b, s)
	if at.EC != "" || at.Key == "code" {
		list := stations[s].CreditorInstitutions
		path += fmt.Sprintf(".creditor_institutions[%d]", slices.IndexFunc(list, func(ec institutionConfig) bool { return ec.Code == string(at.EC) }))
	}
	return path + "." + at.Key
}

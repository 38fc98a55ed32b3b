package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"nodobridge/bridge"
	"nodobridge/service"
)

// serviceConfig is one spontaneous service of a creditor institution on a station;
// config.yaml explains every key.
type serviceConfig struct {
	Service         string
	IDServizio      string `mapstructure:"id_servizio"`
	Subject         string
	SegregationCode string `mapstructure:"segregation_code"`
	IBAN            string `mapstructure:"iban"`
	PostalIBAN      string `mapstructure:"postal_iban"`
	CompanyName     string `mapstructure:"company_name"`
	OfficeName      string `mapstructure:"office_name"`
	Category        string
	ValidDays       int `mapstructure:"valid_days"`
	Amount          *service.AmountSpec
	Enabled         *bool // nil is true
}

// desk builds the spontaneous services on offer. An error names the path in the
// file. It is called once names of files are relative to the right folder.
func (c *config) desk(ctx context.Context) (*service.Desk, error) {
	catalog, err := service.LoadCatalog(ctx, c.ServicesDir)
	if err != nil {
		return nil, fmt.Errorf("services_dir: %w", err)
	}
	var enrolments []service.Enrolment
	var paths []string
	err = c.eachService(func(at string, station *stationConfig, ec *institutionConfig, s *serviceConfig) error {
		e, err := s.enrolment(station, ec)
		if err != nil {
			return fmt.Errorf("%s.%w", at, err)
		}
		enrolments, paths = append(enrolments, e), append(paths, at)
		return nil
	})
	if err != nil {
		return nil, err
	}
	desk, err := service.NewDesk(catalog, enrolments)
	var broken *service.EnrolmentError
	if errors.As(err, &broken) {
		return nil, fmt.Errorf("%s.%w", paths[broken.Index], broken.Err)
	}
	return desk, err
}

// eachService walks the services with their paths in the file.
func (c *config) eachService(visit func(at string, station *stationConfig, ec *institutionConfig, s *serviceConfig) error) error {
	for i := range c.Brokers {
		for j := range c.Brokers[i].Stations {
			station := &c.Brokers[i].Stations[j]
			for k := range station.CreditorInstitutions {
				ec := &station.CreditorInstitutions[k]
				for l := range ec.Services {
					at := fmt.Sprintf("brokers[%d].stations[%d].creditor_institutions[%d].services[%d]", i, j, k, l)
					if err := visit(at, station, ec, &ec.Services[l]); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// anchorServices makes the names of files that services use relative to the
// configuration's folder.
func (c *config) anchorServices(dir string) {
	anchor := func(name *string) { anchorFile(name, dir) }
	anchor(&c.ServicesDir)
	_ = c.eachService(func(_ string, _ *stationConfig, _ *institutionConfig, s *serviceConfig) error { // the visit cannot fail
		if s.Amount != nil && s.Amount.Callback != nil {
			anchor(&s.Amount.Callback.TokenFile)
			anchor(&s.Amount.Callback.CAFile)
		}
		return nil
	})
}

// enrolment fills in what the institution's entry says: the only segregation code,
// and that neither code nor account is another's. The notice would otherwise be
// made and then found unknown, or refused by the node.
func (s *serviceConfig) enrolment(station *stationConfig, ec *institutionConfig) (service.Enrolment, error) {
	e := service.Enrolment{
		Station: station.ID, EC: bridge.ECCode(ec.Code), Service: s.Service, IDServizio: s.IDServizio, Subject: s.Subject,
		Segregation: s.SegregationCode, IBAN: s.IBAN, PostalIBAN: s.PostalIBAN, CompanyName: s.CompanyName, OfficeName: s.OfficeName,
		Category: s.Category, ValidDays: s.ValidDays, Amount: s.Amount, Disabled: s.Enabled != nil && !*s.Enabled,
	}
	if ec.AuxDigit != nil && *ec.AuxDigit != 3 {
		return e, errors.New("service: only an institution of aux_digit 3 can have spontaneous services on the station")
	}
	codes := ec.SegregationCodes
	if e.Segregation == "" && len(codes) == 1 {
		e.Segregation = codes[0]
	}
	if e.Segregation == "" {
		return e, errors.New("segregation_code: must say which of the institution's codes the notices get")
	}
	if len(codes) > 0 && !slices.Contains(codes, e.Segregation) {
		return e, errors.New("segregation_code: must be one of the institution's segregation_codes on this station")
	}
	for key, iban := range map[string]string{"iban": e.IBAN, "postal_iban": e.PostalIBAN} {
		if iban != "" && len(ec.IBANs) > 0 && !slices.Contains(ec.IBANs, iban) {
			return e, fmt.Errorf("%s: must be one of the institution's ibans", key)
		}
	}
	return e, nil
}

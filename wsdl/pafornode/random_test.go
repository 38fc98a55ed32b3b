package pafornode_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"nodobridge/wsdl/pafornode"
)

// maker makes random valid payloads: it walks the Go types by reflection, which
// the generated code never does, and knows the facets by element name.
type maker struct{ *rand.Rand }

// text makes a string of low to high characters, of every kind that XML allows.
func (m maker) text(low, high int) string {
	alphabet := []rune("abcXYZ019 .,;:'\"&<>]-_/@àèìòù€ßЖ漢\t\n\r\u0080\u2028\uFFFD\U0001F600\U0010FFFF")
	out := make([]rune, low+m.IntN(high-low+1))
	for i := range out {
		out[i] = alphabet[m.IntN(len(alphabet))]
	}
	return string(out)
}

func (m maker) digits(n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('0' + m.IntN(10)))
	}
	return b.String()
}

func (m maker) one(of ...string) string { return of[m.IntN(len(of))] }

func (m maker) base64(low, high int) string {
	data := make([]byte, low+m.IntN(high-low+1))
	for i := range data {
		data[i] = byte(m.IntN(256))
	}
	return base64.StdEncoding.EncodeToString(data)
}

func (m maker) moment() time.Time {
	return time.Unix(m.Int64N(4_000_000_000), m.Int64N(1_000_000_000)).UTC()
}

// word makes a value for the string element of that Go name.
func (m maker) word(name string) string {
	switch name {
	case "FiscalCode", "FiscalCodePA":
		return m.digits(11)
	case "NoticeNumber":
		return m.digits(18)
	case "Outcome":
		return m.one(pafornode.OutcomeOK, pafornode.OutcomeKO)
	case "Options":
		return m.one("EQ", "LS", "GT", "ANY")
	case "TransferType":
		return m.one("POSTAL", "PAGOPA")
	case "TipoBollo":
		return "01"
	case "EntityUniqueIdentifierType":
		return m.one("F", "G")
	case "EntityUniqueIdentifierValue":
		return m.text(2, 16)
	case "Country", "ProvinciaResidenza":
		return string([]byte{byte('A' + m.IntN(26)), byte('A' + m.IntN(26))})
	case "EMail":
		return m.one("a@b", "A_9.+-x@b-c.d.it", strings.Repeat("x", 250)+"@a.it")
	case "DueDate", "ApplicationDate", "TransferDate":
		return m.moment().Format(time.DateOnly) + m.one("", "Z", "+02:00", "-14:00")
	case "RetentionDate", "PaymentDateTime":
		return m.moment().Format("2006-01-02T15:04:05") + m.one("", ".1", ".123456789") + m.one("", "Z", "+01:00")
	case "MBDAttachment", "DatiSpecificiServizioRequest":
		return m.base64(0, 200)
	case "HashDocumento":
		return m.base64(1, 54)
	case "IdServizio", "IdSoggettoServizio":
		return m.text(5, 5)
	case "CivicNumber", "PostalCode":
		return m.text(1, 16)
	case "PspPartitaIVA":
		return m.text(1, 20)
	case "IdPA", "IdBrokerPA", "IdStation", "IBAN", "CreditorReferenceId", "City", "StateProvinceRegion", "IdPSP", "IdChannel", "ChannelDescription", "PaymentMethod":
		return m.text(1, 35)
	case "FullName", "StreetName", "PspFiscalCode", "PSPCompanyName", "IdBundle", "IdCiBundle":
		return m.text(1, 70)
	case "PaymentNote":
		return m.text(1, 210)
	case "ReceiptId", "FaultCode", "FaultString", "Id", "OriginalFaultCode", "OriginalFaultString", "OriginalDescription":
		return m.text(0, 300)
	}
	return m.text(1, 140)
}

// fill fills the field of that Go name.
func (m maker) fill(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(m.word(name))
	case reflect.Bool:
		v.SetBool(m.IntN(2) == 0)
	case reflect.Int64: // cents
		v.SetInt(1 + m.Int64N(99_999_999_999))
	case reflect.Int32:
		v.SetInt(int64(int32(m.Uint32())))
		if name == "IdTransfer" {
			v.SetInt(1 + m.Int64N(5))
		}
	case reflect.Pointer:
		if m.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			m.fill(v.Elem(), name)
		}
	case reflect.Slice:
		most := map[string]int{"Transfer": 5, "MapEntry": 15}[name]
		v.Set(reflect.MakeSlice(v.Type(), 1+m.IntN(most), most))
		for i := range v.Len() {
			m.fill(v.Index(i), name)
		}
	case reflect.Struct:
		m.fillStruct(v, name)
	default:
		panic("no rule for " + v.Type().String())
	}
}

func (m maker) fillStruct(v reflect.Value, name string) {
	if set := v.FieldByName("Set"); set.IsValid() { // Opt
		if m.IntN(2) == 0 {
			set.SetBool(true)
			m.fill(v.FieldByName("Value"), name)
		}
		return
	}
	if kind := v.FieldByName("Kind"); kind.IsValid() { // a choice of two
		chosen := 1 + m.IntN(v.NumField()-1)
		kind.SetUint(uint64(chosen))
		m.fill(v.Field(chosen), v.Type().Field(chosen).Name)
		return
	}
	for i := range v.NumField() {
		m.fill(v.Field(i), v.Type().Field(i).Name)
	}
}

// TestEncode_ReadsBackEqual: decode(encode(x)) = x for random valid values of
// all twelve payloads, which both the validator and jacoelho/xsd find valid.
func TestEncode_ReadsBackEqual(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	for _, root := range roots {
		t.Run(root.name, func(t *testing.T) {
			t.Parallel()
			m := maker{rand.New(rand.NewPCG(seed, 0))}
			for i := range 200 {
				v := root.create()
				m.fill(reflect.ValueOf(v).Elem(), root.name)
				if problem := checkRoundTrip(t, root, v); problem != "" {
					t.Fatalf("seed %d, value %d: %s", seed, i, problem)
				}
			}
		})
	}
}

// checkRoundTrip returns what is wrong with a valid value, or "".
func checkRoundTrip(t *testing.T, root root, v any) string {
	var rep pafornode.Report
	root.validate(v, &rep)
	if !rep.Valid() {
		return fmt.Sprintf("violations %v of %+v", rep.Violations, v)
	}
	doc := root.encode(v)
	err := judge(t, doc)
	if err != nil {
		return fmt.Sprintf("jacoelho/xsd: %v\n%s", err, doc)
	}
	_, back, err := readEnvelope(doc, &rep)
	if err != nil || !rep.Valid() {
		return fmt.Sprintf("%v, %v\n%s", err, rep.Violations, doc)
	}
	if !reflect.DeepEqual(back, v) {
		return fmt.Sprintf("read back %+v, was %+v", back, v)
	}
	return ""
}

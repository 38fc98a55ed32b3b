package bridge_test

import (
	"testing"

	"nodobridge/bridge"
)

// The vectors of notices.md §1.2.
func TestNoticeNumber_Vectors(t *testing.T) {
	t.Parallel()
	cases := []struct{ nav, iuv, printed string }{
		{"301000000000004285", "01000000000004285", "3010 0000 0000 0042 85"},
		{"300000000000000104", "00000000000000104", "3000 0000 0000 0001 04"},
		{"345999999999999975", "45999999999999975", "3459 9999 9999 9999 75"},
		{"347000012345678956", "47000012345678956", "3470 0001 2345 6789 56"},
		{"001000000000000141", "000000000000141", "0010 0000 0000 0001 41"},
		{"012123456789012381", "123456789012381", "0121 2345 6789 0123 81"},
		{"112345678901234567", "12345678901234567", "1123 4567 8901 2345 67"},
		{"200000000000000103", "00000000000000103", "2000 0000 0000 0001 03"},
		{"212345678901234544", "12345678901234544", "2123 4567 8901 2345 44"},
	}
	for _, c := range cases {
		t.Run(c.nav, func(t *testing.T) {
			t.Parallel()
			nav, err := bridge.ParseNoticeNumber(c.nav)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(nav.IUV()); got != c.iuv {
				t.Errorf("IUV is %q, want %q", got, c.iuv)
			}
			if got := nav.Printed(); got != c.printed {
				t.Errorf("printed as %q, want %q", got, c.printed)
			}
		})
	}
}

func TestNewNoticeNumber_Vectors(t *testing.T) {
	t.Parallel()
	cases := []struct {
		segregation string
		base        int64
		want        bridge.NoticeNumber
	}{
		{"01", 42, "301000000000004285"},
		{"00", 1, "300000000000000104"},
		{"45", 9999999999999, "345999999999999975"},
		{"47", 123456789, "347000012345678956"},
	}
	for _, c := range cases {
		got, err := bridge.NewNoticeNumber(c.segregation, c.base)
		if err != nil || got != c.want {
			t.Errorf("NewNoticeNumber(%q, %d) = %q, %v; want %q", c.segregation, c.base, got, err, c.want)
		}
	}
	for _, bad := range []struct {
		segregation string
		base        int64
	}{{"1", 1}, {"1a", 1}, {"001", 1}, {"01", -1}, {"01", 1e13}} {
		if nav, err := bridge.NewNoticeNumber(bad.segregation, bad.base); err == nil {
			t.Errorf("NewNoticeNumber(%q, %d) = %q, want a refusal", bad.segregation, bad.base, nav)
		}
	}
}

func TestParseNoticeNumber_Refuses(t *testing.T) {
	t.Parallel()
	for name, nav := range map[string]string{
		"wrong check digits":     "301000000000004286",
		"SANP's sample":          "311111111112222222",
		"print service's sample": "470000008800999051",
		"check digits above 92":  "300000000000000193",
		"the probe":              "000000000000000000",
		"17 digits":              "30100000000000428",
		"19 digits":              "3010000000000042850",
		"aux digit 4":            "401000000000004285",
		"a letter":               "30100000000000428A",
		"Arabic digits":          "٣٠١٠٠٠٠٠٠",
		"empty":                  "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := bridge.ParseNoticeNumber(nav); err == nil {
				t.Fatalf("%q was accepted as %q", nav, got)
			}
		})
	}
}

func TestParseReferenceRF_Vectors(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"RF18539007547034", "RF0201ABC123", "RF17010000000000042", "RF3047TARI2026000000001"} {
		if _, err := bridge.ParseReferenceRF(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"RF19539007547034", "RF18", "rf18539007547034", "RF18539007547034-", "XX18539007547034", "RF3047TARI20260000000010000"} {
		if _, err := bridge.ParseReferenceRF(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func FuzzParseNoticeNumber(f *testing.F) {
	f.Add("301000000000004285")
	f.Add("000000000000000000")
	f.Add("112345678901234567")
	f.Fuzz(func(t *testing.T, text string) {
		nav, err := bridge.ParseNoticeNumber(text)
		if err != nil {
			return
		}
		if string(nav) != text || len(nav) != 18 || nav == bridge.ProbeNotice {
			t.Fatalf("%q was accepted as %q", text, nav)
		}
		if nav[0] == '3' && nav.IUV().NoticeNumber() != nav {
			t.Fatalf("IUV %q does not lead back to %q", nav.IUV(), nav)
		}
	})
}

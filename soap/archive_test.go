package soap_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"nodobridge/bridge"
	"nodobridge/internal/testkit"
	"nodobridge/soap"
)

// Both spellings and both positions of the stand-in flag (soap-node.md §1.1).
func TestDecodeReceipt_StandIn(t *testing.T) {
	t.Parallel()
	good := receiptOf(string(testkit.NAV(1)), "r1")
	inside := func(text string) string { return strings.Replace(good, "</receipt>", text+"</receipt>", 1) }
	beside := func(text string) string { return strings.Replace(good, "</receipt>", "</receipt>"+text, 1) }
	many := strings.Repeat("<novelty/>", 40)
	for _, c := range []struct {
		name, body string
		want       bool
	}{
		{"absent", good, false},
		{"standIn inside", inside("<standIn>true</standIn>"), true},
		{"standIn inside, 1", inside("<standIn> 1 </standIn>"), true},
		{"standIn inside, false", inside("<standIn>false</standIn>"), false},
		{"standin inside", inside("<standin>true</standin>"), true},
		{"standin beside", beside("<standin>true</standin>"), true},
		{"standIn beside", beside("<standIn>1</standIn>"), true},
		{"standin beside, before the receipt", strings.Replace(good, "<receipt>", "<standin>true</standin><receipt>", 1), true},
		{"standin beside, false", beside("<standin>false</standin>"), false},
		{"standin beside, empty", beside("<standin/>"), false},
		{"standin beside, with children", beside("<standin><x>true</x></standin>"), false},
		{"standIn false inside and true beside", strings.Replace(inside("<standIn>false</standIn>"), "</receipt>", "</receipt><standin>true</standin>", 1), true},
		{"after more novelties than are reported by name", beside(many + "<standin>true</standin>"), true},
		{"novelties only", beside(many), false},
		{"deeper than the receipt", inside("<novelty><standin>true</standin></novelty>"), false},
		{"version 1", strings.ReplaceAll(beside("<standin>true</standin>"), "paSendRTV2Request", "paSendRTReq"), true},
	} {
		d, err := soap.DecodeReceipt([]byte(c.body))
		if err != nil || d.Receipt.StandIn != c.want {
			t.Errorf("%s: stand-in is %v, want %v: %v", c.name, d.Receipt.StandIn, c.want, err)
		}
	}
}

func TestDecodeReceipt(t *testing.T) {
	t.Parallel()
	good := receiptOf(string(testkit.NAV(1)), "r1")
	d, err := soap.DecodeReceipt([]byte(good))
	if err != nil || d.Addressee != testkit.Addressee() || d.Receipt.ReceiptID != "r1" || d.Receipt.NAV != testkit.NAV(1) ||
		d.Receipt.Amount != 12000 || string(d.Receipt.Raw) != good || d.Receipt.Version != bridge.ReceiptV2 {
		t.Errorf("decoded %+v, %v", d, err)
	}
	for name, c := range map[string]struct{ body, says string }{
		"truncated":    {good[:500], "cannot read receipt"},
		"a read":       {verifyOf(string(testkit.NAV(1))), "not a paSendRT"},
		"other root":   {strings.ReplaceAll(good, "paSendRTV2Request", "paFoo"), "unknown operation"},
		"no receiptId": {strings.Replace(good, "<receiptId>r1</receiptId>", "", 1), "essential"},
	} {
		if _, err := soap.DecodeReceipt([]byte(c.body)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The stamp's bytes are what its signature covers: they come back as they were
// sent, from what is in the store (soap-node.md §6 R17).
func TestAttachments(t *testing.T) {
	t.Parallel()
	stamp := append([]byte("<marcaDaBollo>\r\n\tè\x00"), bytes.Repeat([]byte{0xff, 0xfe, 0, 1}, 500)...)
	text := base64.StdEncoding.EncodeToString(stamp)
	broken := strings.Join(slices.Collect(func(yield func(string) bool) {
		for part := range slices.Chunk([]byte(text), 76) {
			if !yield(string(part)) {
				return
			}
		}
	}), "\n  ")
	good := receiptOf(string(testkit.NAV(1)), "r1")
	with := func(value string) string {
		return strings.Replace(good, "<IBAN>IT60X0542811101000000123456</IBAN>", "<MBDAttachment>"+value+"</MBDAttachment>", 1)
	}
	for name, body := range map[string]string{"one line": with(text), "lines": with("\n" + broken + "\n")} {
		got, err := soap.Attachments([]byte(body))
		if err != nil || len(got) != 1 || got[0].TransferID != 1 || !bytes.Equal(got[0].Data, stamp) {
			t.Errorf("%s: %d attachments, %v", name, len(got), err)
		}
	}
	for name, body := range map[string]string{"none": good, "version 1": strings.ReplaceAll(good, "paSendRTV2Request", "paSendRTReq")} {
		if got, err := soap.Attachments([]byte(body)); err != nil || len(got) != 0 {
			t.Errorf("%s: %d attachments, %v", name, len(got), err)
		}
	}
	for name, body := range map[string]string{"not base64": with("*"), "not a receipt": verifyOf("1"), "not XML": "x"} {
		if got, err := soap.Attachments([]byte(body)); err == nil {
			t.Errorf("%s: %d attachments", name, len(got))
		}
	}
}

package soap

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"nodobridge/bridge"
	"nodobridge/wsdl/pafornode"
	"nodobridge/wsdl/xmlpull"
)

var (
	errNoReceipt  = errors.New("the document is not a paSendRT or paSendRTV2 call")
	errEssentials = errors.New("the receipt's essential fields cannot be read")
)

// DecodeReceipt reads the kept body of a receipt call as the node's own calls are
// read: it is the bridge.ReceiptDecoder of a replay.
func DecodeReceipt(raw []byte) (bridge.Delivery, error) {
	c, rep, err := archived(raw)
	if err != nil {
		return bridge.Delivery{}, err
	}
	d, ok := deliver(c, rep, raw, xmlpull.DefaultLimits())
	if !ok {
		return bridge.Delivery{}, errEssentials
	}
	return d, nil
}

// Attachments gives the documents that a stored receipt carries, byte for byte,
// in the order of its transfers. A version 1 receipt carries none.
func Attachments(raw []byte) ([]bridge.Attachment, error) {
	c, _, err := archived(raw)
	if err != nil {
		return nil, err
	}
	v2, ok := c.(*sendRTV2Call)
	if !ok {
		return nil, nil
	}
	var found []bridge.Attachment
	for _, t := range v2.req.Receipt.TransferList.Transfer {
		if t.Choice.Kind != pafornode.TransferPAReceiptV2ChoiceMBDAttachment {
			continue
		}
		// XSD base64Binary may be broken by white space anywhere.
		data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(t.Choice.MBDAttachment), ""))
		if err != nil {
			return nil, fmt.Errorf("cannot read the attachment of transfer %d: %w", t.IdTransfer, err)
		}
		found = append(found, bridge.Attachment{TransferID: int(t.IdTransfer), Data: data})
	}
	return found, nil
}

// archived reads the kept body of a receipt call.
func archived(raw []byte) (receiptCall, *pafornode.Report, error) {
	_, c, rep, err := read(new(xmlpull.Reader), raw, xmlpull.DefaultLimits())
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read receipt: %w", err)
	}
	receipt, ok := c.(receiptCall)
	if !ok {
		return nil, nil, errNoReceipt
	}
	return receipt, rep, nil
}

// deliver turns a receipt call into what the bridge records; false when its
// essential fields cannot be read.
func deliver(c receiptCall, rep *pafornode.Report, body []byte, limits xmlpull.Limits) (bridge.Delivery, bool) {
	d, ok := c.delivery(rep)
	d.Receipt.Raw = body
	d.Receipt.StandIn = d.Receipt.StandIn || standInElsewhere(rep, body, limits)
	return d, ok
}

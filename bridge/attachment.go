package bridge

// Attachment is a document that a receipt carries for the debtor: the signed
// electronic revenue stamp of one transfer (XSD MBDAttachment, soap-node.md
// §2.5). Its bytes are what the signature covers, so they are given as they came.
type Attachment struct {
	TransferID int
	Data       []byte
}

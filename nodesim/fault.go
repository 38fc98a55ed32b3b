package nodesim

import "fmt"

// Fault is the station's own refusal: a KO that the node accepts as an answer and passes on to the PSP.
type Fault struct {
	Code        string // faultCode, PAA_PAGAMENTO_SCONOSCIUTO and so on; the node does not whitelist them (soap-node §2.0)
	String      string // faultString
	ID          string // who emitted it
	Description string // free text, may be empty
}

// Error makes a fault printable as an error by those who want to treat a refusal as one.
func (f *Fault) Error() string {
	if f.Description == "" {
		return fmt.Sprintf("%s (%s)", f.Code, f.String)
	}
	return fmt.Sprintf("%s (%s): %s", f.Code, f.String, f.Description)
}

// NodeCode is what the node reports to the PSP when the station, and not the payment, is the problem.
type NodeCode string

// The node's verdicts on a station (soap-node §2.0, "What the node does with an answer").
const (
	// BadResponse: the station answered something the node cannot accept.
	BadResponse NodeCode = "PPT_STAZIONE_INT_PA_ERRORE_RESPONSE"
	// TimedOut: the station did not answer within the node's patience.
	TimedOut NodeCode = "PPT_STAZIONE_INT_PA_TIMEOUT"
	// Unreachable: no connection, no TLS, or the connection was cut.
	Unreachable NodeCode = "PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE"
)

// NodeError says that there was no answer the node could use.
type NodeError struct {
	Code   NodeCode
	Reason string // what exactly was wrong, for the person who has to mend the station
	err    error
}

// Error writes the code as the PSP would see it, and the reason.
func (e *NodeError) Error() string { return string(e.Code) + ": " + e.Reason }

// Unwrap gives the transport's own error, where there was one.
func (e *NodeError) Unwrap() error { return e.err }

// refuse builds the verdict on an answer that came but cannot be accepted.
func refuse(format string, args ...any) *NodeError {
	return &NodeError{Code: BadResponse, Reason: fmt.Sprintf(format, args...)}
}

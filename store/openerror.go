package store

import "fmt"

// OpenReason says why a store was not opened or created.
type OpenReason string

// The reasons. InUse passes by itself (another process holds the store); every
// other one needs the operator, and the process should exit as misconfigured
// (reliability-security.md §9 rows 58 and 59: exit 75 and 78).
const (
	Missing     OpenReason = "missing"
	Exists      OpenReason = "exists"
	Empty       OpenReason = "empty"
	Foreign     OpenReason = "foreign"
	Damaged     OpenReason = "damaged"
	NewerSchema OpenReason = "newer schema"
	Altered     OpenReason = "altered schema"
	OlderSchema OpenReason = "older schema" // given by VerifyDir only: Open migrates
	InUse       OpenReason = "in use"
	Unusable    OpenReason = "unusable"
)

// OpenError is a refusal of Init or Open. Its text says what is wrong and the
// cure, in one line; the files are as they were.
type OpenError struct {
	Reason OpenReason
	Text   string
	Err    error // the cause, when there is one
}

// Error gives the one line.
func (e *OpenError) Error() string {
	if e.Err != nil {
		return e.Text + ": " + e.Err.Error()
	}
	return e.Text
}

// Unwrap gives the cause.
func (e *OpenError) Unwrap() error { return e.Err }

func refuse(reason OpenReason, cause error, format string, args ...any) *OpenError {
	return &OpenError{Reason: reason, Text: fmt.Sprintf(format, args...), Err: cause}
}

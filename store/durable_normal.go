//go:build testnormal

package store

// synchronous as it must not be: the control run of "make crash" has to see receipts
// lost, else it is blind (reliability-security.md §8 G2). Nothing else builds with this
// tag.
var synchronous = pragma{"synchronous", "PRAGMA synchronous = NORMAL", "1"}

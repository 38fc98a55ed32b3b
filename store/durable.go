//go:build !testnormal

package store

// synchronous: a commit is on the disk when it returns. go-sqlite3's own default for a
// log is NORMAL, which lost 8 % of the acknowledged receipts in simulated power cuts
// (reliability-security.md §0.1).
var synchronous = pragma{"synchronous", "PRAGMA synchronous = FULL", "2"}

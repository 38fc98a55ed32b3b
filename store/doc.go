// Package store keeps positions, receipts, keys and the journal in one SQLite
// file: it is bridge.Store. Init creates a store, Open opens one, and nothing
// else ever creates or repairs a file.
//
// A receipt that was acknowledged must survive a power cut, so every commit is
// synced (synchronous=FULL); to pay for that once per burst instead of once per
// receipt, all updates go through one writer goroutine that commits together
// what is waiting. Reads run beside it on their own connections.
//
// DESIGN.md in this folder argues each choice and lists the failure cases.
package store

// Package archtest keeps the house's shape: its test reads what every package
// imports and fails on an arrow that docs/architecture.md does not draw.
package archtest

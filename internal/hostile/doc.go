// Package hostile holds the table of reliability-security.md §9: sixty hostile inputs
// against the built program with its real listeners, each with its exact answer, a
// valid call behind it and one log line without personal data. Where
// docs/architecture.md §7 decides otherwise, it replaces the table's answer.
package hostile

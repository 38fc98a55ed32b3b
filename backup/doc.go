// Package backup keeps copies of a store as files: compressed, encrypted with age
// (age-encryption.org/v1) for keys whose secret half is not on this machine, read back
// and compared before they get their name, and removed when they are too old. It knows
// nothing of what is in a copy. Whoever has the identity can open one without this
// program: age -d -i KEY FILE | gunzip > nodobridge.db.
package backup

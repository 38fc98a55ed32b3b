// Package door stands before every listener that others can reach: it bounds how
// many connections one address holds, keeps places free for the callers that are
// known (the node), refuses messages whose two framing headers contradict each other,
// and bounds the memory of bodies that are being read (reliability-security.md §2 E7,
// §3.4, §9 rows 30 and 35).
package door

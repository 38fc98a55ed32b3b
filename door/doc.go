// Package door stands before every listener that others can reach: it bounds how
// many connections one address holds, keeps places free for the callers that are
// known (the node), refuses messages whose two framing headers contradict each other,
// bounds the memory of bodies that are being read, and tells what a page of another site
// has made a browser send (reliability-security.md §2 E7, §3.4, §9 rows 30, 35 and 56).
package door

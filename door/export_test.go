package door

import "fmt"

// Verdicts feeds a stream in pieces and gives all verdicts and where the scanner is.
func Verdicts(stream []byte, piece int) string {
	var s scanner
	for len(stream) > 0 {
		n := min(piece, len(stream))
		s.feed(stream[:n])
		stream = stream[n:]
	}
	return fmt.Sprint(s.verdicts, s.at, s.left)
}

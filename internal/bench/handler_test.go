package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"nodobridge/internal/fill"
	"nodobridge/load"
)

// BenchmarkHandler is a whole call but for the network: from the parsed request to the
// written answer, with the store and the log.
func BenchmarkHandler(b *testing.B) {
	const positions = 20_000
	dir := filepath.Join(b.TempDir(), "data")
	if err := fill.Store(b.Context(), dir, positions, nil); err != nil {
		b.Fatal(err)
	}
	handler, paid := inProcess(b, dir), 0
	for _, operation := range []load.Operation{load.Verify, load.Payment, load.Receipt} {
		s, err := stencilOf(operation)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(s.Operation, func(b *testing.B) {
			answer := &quiet{header: http.Header{}}
			b.ReportAllocs()
			for n := range b.N {
				if operation == load.Receipt {
					if n = paid; n >= positions {
						b.Skip("every notice has had its receipt: fewer rounds (-benchtime 10000x)")
					}
					paid++
				}
				b.StopTimer()
				call := parsed(b, s.Append(nil, string(fill.NAV(n%positions)), fmt.Sprintf("BENCH-%010d", n)))
				b.StartTimer()
				if handler.ServeHTTP(answer, call); !answer.ok {
					b.Fatalf("HTTP %d", answer.status)
				}
			}
		})
	}
}

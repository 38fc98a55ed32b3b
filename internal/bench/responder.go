package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
)

// respond is the static responder: net/http, a body that is read and thrown away, and
// an answer of so many bytes. What it needs for a call no station in Go can do without.
func respond(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("responder", flag.ExitOnError)
	length := flags.Int("bytes", 1000, "length of the answer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	body := bytes.Repeat([]byte{'x'}, *length)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a caller that breaks off gets no answer anyway
		h := w.Header()
		h.Set("Content-Type", "text/xml; charset=utf-8")
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // as above
	})}
	fmt.Println(listener.Addr())
	go func() {
		<-ctx.Done()
		_ = server.Close() // the process ends
	}()
	if err := server.Serve(listener); ctx.Err() == nil {
		return err
	}
	return nil
}

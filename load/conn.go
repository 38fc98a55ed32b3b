package load

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"os"
	"strconv"
	"syscall"
	"time"
)

// maxBody bounds an answer.
const maxBody = 8 << 20

// conn is a connection with one request at a time on it. It is a client of its own
// because net/http's costs as much as the servers that are measured: it understands
// what a server answers to a POST, and no more.
type conn struct {
	net     net.Conn
	in      *bufio.Reader
	body    []byte
	closing bool // the server has said that it closes it
}

func dial(ctx context.Context, p *Plan) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	var raw net.Conn
	var err error
	if p.TLS == nil {
		raw, err = new(net.Dialer).DialContext(ctx, "tcp", p.Address)
	} else {
		raw, err = (&tls.Dialer{Config: p.TLS}).DialContext(ctx, "tcp", p.Address)
	}
	if err != nil {
		return nil, err
	}
	return &conn{net: raw, in: bufio.NewReaderSize(raw, 8<<10)}, nil
}

var errMalformed = errors.New("malformed answer")

// exchange sends a request and reads the answer; the body is good until the next one.
func (c *conn) exchange(request []byte, timeout time.Duration) (status int, body []byte, err error) {
	if err := c.net.SetDeadline(time.Now().Add(timeout)); err != nil {
		return 0, nil, err
	}
	if _, err := c.net.Write(request); err != nil {
		return 0, nil, err
	}
	status, length, chunked, err := c.header()
	for err == nil && status/100 == 1 { // 100 Continue is followed by the answer
		status, length, chunked, err = c.header()
	}
	switch {
	case err != nil:
		return 0, nil, err
	case status == 204, status == 304:
		return status, nil, nil
	case chunked:
		c.body, err = appendAll(c.body[:0], httputil.NewChunkedReader(c.in))
		if err == nil {
			err = c.trailer()
		}
	case length < 0:
		c.closing = true
		c.body, err = appendAll(c.body[:0], c.in)
	case length > maxBody:
		err = fmt.Errorf("%w: longer than %d bytes", errMalformed, maxBody)
	default:
		c.body = append(c.body[:0], make([]byte, length)...)
		_, err = io.ReadFull(c.in, c.body)
	}
	return status, c.body, err
}

// header reads the status line and the fields that matter.
func (c *conn) header() (status, length int, chunked bool, err error) {
	line, err := c.line()
	if err != nil {
		return 0, 0, false, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return 0, 0, false, errMalformed
	}
	c.closing = line[7] == '0'
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, false, errMalformed
	}
	length = -1
	for {
		line, err = c.line()
		if err != nil || len(line) == 0 {
			return status, length, chunked, err
		}
		name, value, _ := bytes.Cut(line, []byte{':'})
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 {
				return 0, 0, false, errMalformed
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("Connection")):
			c.closing = c.closing || bytes.EqualFold(value, []byte("close"))
		}
	}
}

func (c *conn) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// trailer reads what follows the last chunk.
func (c *conn) trailer() error {
	for {
		if line, err := c.line(); err != nil || len(line) == 0 {
			return err
		}
	}
}

func appendAll(dst []byte, r io.Reader) ([]byte, error) {
	buf := bytes.NewBuffer(dst)
	n, err := io.Copy(buf, io.LimitReader(r, maxBody+1))
	if err == nil && n > maxBody {
		err = fmt.Errorf("%w: longer than %d bytes", errMalformed, maxBody)
	}
	return buf.Bytes(), err
}

// cause names a failure without the addresses and ports that would make each its own.
func cause(err error) string {
	var number syscall.Errno
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed by the server"
	case errors.As(err, &number):
		return number.Error()
	}
	return err.Error()
}

package nodesim

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// network is the way to the station, with its troubles. It is used by one caller at a time.
type network struct {
	road    http.RoundTripper // for calls without trouble
	next    func() (Trouble, time.Duration)
	sleep   func(context.Context, time.Duration) error
	twice   func(status int) // told of the answer to a duplicate that the node did not see
	trouble Trouble          // of the last call
}

var errCut = errors.New("the connection was cut")

func (n *network) RoundTrip(req *http.Request) (*http.Response, error) {
	trouble, delay := n.next()
	n.trouble = trouble
	switch trouble {
	case Duplicated:
		return n.again(req)
	case Twinned:
		return n.twins(req)
	case SlowRequest, SlowAnswer, CutInRequest, CutInAnswer:
		return n.byHand(req, trouble, delay)
	default:
		return n.road.RoundTrip(req)
	}
}

// again sends a request twice and shows the node the second answer.
func (n *network) again(req *http.Request) (*http.Response, error) {
	first, err := copied(req)
	if err != nil {
		return nil, err
	}
	unseen, err := n.whole(first)
	if err != nil {
		return nil, err
	}
	n.twice(unseen.StatusCode)
	return n.road.RoundTrip(req)
}

// twins sends a request twice at the same moment and shows the node the answer that comes first.
func (n *network) twins(req *http.Request) (*http.Response, error) {
	twin, err := copied(req)
	if err != nil {
		return nil, err
	}
	type reply struct {
		answer *http.Response
		err    error
	}
	replies := make(chan reply, 2)
	var both sync.WaitGroup
	for _, r := range []*http.Request{req, twin} {
		both.Go(func() {
			answer, err := n.whole(r)
			replies <- reply{answer, err}
		})
	}
	both.Wait()
	seen, unseen := <-replies, <-replies
	if unseen.err == nil {
		n.twice(unseen.answer.StatusCode)
	}
	return seen.answer, seen.err
}

// whole makes a call and reads its answer to the end.
func (n *network) whole(req *http.Request) (*http.Response, error) {
	res, err := n.road.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	err = errors.Join(err, res.Body.Close())
	if err != nil {
		return nil, fmt.Errorf("cannot read answer: %w", err)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// copied is the request once more.
func copied(req *http.Request) (*http.Request, error) {
	body, err := req.GetBody()
	if err != nil {
		return nil, fmt.Errorf("cannot repeat request: %w", err)
	}
	twin := req.Clone(req.Context())
	twin.Body = body
	return twin, nil
}

// byHand makes a call over a connection of its own, where each byte goes when it is told to: net/http gathers a small
// request in its buffer and would never send one half of it.
func (n *network) byHand(req *http.Request, trouble Trouble, delay time.Duration) (*http.Response, error) {
	conn, err := n.dial(req)
	if err != nil {
		return nil, err
	}
	ctx := req.Context()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // it may be closed already
	res, err := n.converse(req, conn, trouble, delay)
	if err != nil {
		stop()
		return nil, errors.Join(err, conn.Close())
	}
	res.Body = &closing{ReadCloser: res.Body, conn: conn, stop: stop}
	return res, nil
}

func (n *network) converse(req *http.Request, conn net.Conn, trouble Trouble, delay time.Duration) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Close = true
	var text bytes.Buffer
	err := req.Write(&text)
	if err != nil {
		return nil, fmt.Errorf("cannot write request: %w", err)
	}
	head := bytes.Index(text.Bytes(), []byte("\r\n\r\n")) + len("\r\n\r\n")
	half := head + (text.Len()-head)/2
	_, err = conn.Write(text.Bytes()[:half])
	if err != nil {
		return nil, err
	}
	if trouble == CutInRequest {
		return nil, errCut
	}
	if trouble == SlowRequest {
		err = n.sleep(req.Context(), delay)
		if err != nil {
			return nil, err
		}
	}
	_, err = conn.Write(text.Bytes()[half:])
	if err != nil {
		return nil, err
	}
	if trouble == SlowAnswer {
		err = n.sleep(req.Context(), delay)
		if err != nil {
			return nil, err
		}
	}
	if trouble == CutInAnswer {
		_, err = io.ReadFull(conn, make([]byte, 1))
		return nil, errors.Join(errCut, err)
	}
	return http.ReadResponse(bufio.NewReader(conn), req)
}

// dial connects as the plain road would, so far as that is net/http's own.
func (n *network) dial(req *http.Request) (net.Conn, error) {
	road, _ := n.road.(*http.Transport)
	dial := (&net.Dialer{}).DialContext
	if road != nil && road.DialContext != nil {
		dial = road.DialContext
	}
	port := req.URL.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[req.URL.Scheme]
	}
	conn, err := dial(req.Context(), "tcp", net.JoinHostPort(req.URL.Hostname(), port))
	if err != nil || req.URL.Scheme != "https" {
		return conn, err
	}
	c := &tls.Config{}
	if road != nil && road.TLSClientConfig != nil {
		c = road.TLSClientConfig.Clone()
	}
	if c.ServerName == "" {
		c.ServerName = req.URL.Hostname()
	}
	c.NextProtos = []string{"http/1.1"} // what is written by hand is HTTP/1.1
	secured := tls.Client(conn, c)
	err = secured.HandshakeContext(req.Context())
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secured, nil
}

// closing ends the connection with the answer.
type closing struct {
	io.ReadCloser
	conn net.Conn
	stop func() bool
}

func (c *closing) Close() error {
	c.stop()
	return errors.Join(c.ReadCloser.Close(), c.conn.Close())
}

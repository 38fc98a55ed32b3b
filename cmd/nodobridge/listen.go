package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

// unixPrefix begins the address of a Unix socket, before its path.
const unixPrefix = "unix:"

// Who may connect to a socket: this user alone, or also a reverse proxy that is of
// the service's group.
const (
	ownSocketMode   = 0o600
	proxySocketMode = 0o660
)

// maxSocketPath is Linux's limit for the path of a Unix socket (unix(7)).
const maxSocketPath = 107

// listenOn listens on host:port or on unix:PATH.
func listenOn(address string) (net.Listener, error) {
	if path, socket := strings.CutPrefix(address, unixPrefix); socket {
		return listenUnix(path, proxySocketMode)
	}
	return net.Listen("tcp", address)
}

// listenUnix replaces a socket that a killed station has left: the store's lock,
// which is held by now, says that no other one is running.
func listenUnix(path string, mode os.FileMode) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() != os.ModeSocket {
		return nil, fmt.Errorf("cannot listen on %s: it is there and is no socket", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("cannot replace socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s (a socket's path has at most %d bytes): %w", path, maxSocketPath, err)
	}
	if err := os.Chmod(path, mode); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot protect socket: %w", err), l.Close())
	}
	return l, nil
}

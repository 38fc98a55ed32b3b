package binarytest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Supervisor plays systemd's part: it holds the three sockets of a station, hands
// them to every process that it starts, and listens to what the process says of
// itself. The sockets outlive the processes.
type Supervisor struct {
	home  *Home
	files []*os.File
	names []string
	path  string
	said  *transcript
}

// Supervise opens the sockets on free ports and writes the configuration for them.
func (h *Home) Supervise(config string) *Supervisor {
	h.t.Helper()
	s := &Supervisor{home: h, path: filepath.Join(h.Dir, "notify"), said: newTranscript()}
	for _, name := range []string{"soap", "api", "admin"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			h.t.Fatal(err)
		}
		file, err := l.(*net.TCPListener).File()
		if err != nil {
			h.t.Fatal(err)
		}
		config = strings.Replace(config, name+`: {listen: "127.0.0.1:0"`, fmt.Sprintf("%s: {listen: %q", name, l.Addr()), 1)
		if err := l.Close(); err != nil { // the file holds the socket
			h.t.Fatal(err)
		}
		s.files, s.names = append(s.files, file), append(s.names, name)
		h.t.Cleanup(func() { _ = file.Close() }) // the test is over
	}
	h.Configure(config)
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: s.path, Net: "unixgram"})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = notify.Close() }) // the test is over
	go s.hear(notify)
	return s
}

// hear takes in what stations say at once: a datagram that nobody reads would hold
// them up.
func (s *Supervisor) hear(notify *net.UnixConn) {
	buffer := make([]byte, 4096)
	for {
		n, err := notify.Read(buffer)
		if err != nil {
			s.said.end()
			return
		}
		s.said.add(string(buffer[:n]))
	}
}

// Serve starts a station on the sockets. watchdogMicroseconds 0 asks for no signs
// of life.
func (s *Supervisor) Serve(watchdogMicroseconds int) *Process {
	s.home.t.Helper()
	p := s.start(watchdogMicroseconds)
	if !<-p.up {
		s.home.t.Fatalf("the station did not start:\n%s", p.Log)
	}
	return p
}

// Refused starts a station that has to end by itself, and gives its exit code and
// what it said.
func (s *Supervisor) Refused() (int, string) {
	s.home.t.Helper()
	p := s.start(0)
	if <-p.up {
		s.home.t.Fatalf("the station started:\n%s", p.Log)
	}
	<-p.ended
	return p.cmd.ProcessState.ExitCode(), p.Log.String()
}

func (s *Supervisor) start(watchdogMicroseconds int) *Process {
	s.home.t.Helper()
	// LISTEN_PID and WATCHDOG_PID are the station's own: a shell that becomes it knows
	// its number.
	script := "export LISTEN_PID=$$ WATCHDOG_PID=$$; exec \"$@\""
	cmd := exec.Command("/bin/sh", "-c", script, "sh", binary(), "--config", filepath.Join(s.home.Dir, "config.yaml"), "serve")
	cmd.ExtraFiles = s.files
	cmd.Env = append(os.Environ(), fmt.Sprintf("LISTEN_FDS=%d", len(s.files)), "LISTEN_FDNAMES="+strings.Join(s.names, ":"), "NOTIFY_SOCKET="+s.path)
	if watchdogMicroseconds > 0 {
		cmd.Env = append(cmd.Env, fmt.Sprintf("WATCHDOG_USEC=%d", watchdogMicroseconds))
	}
	return s.home.launch(cmd)
}

// Await waits until a station says this of itself.
func (s *Supervisor) Await(state string) {
	s.home.t.Helper()
	if _, found := s.said.next(state); !found {
		s.home.t.Fatalf("no station said %q", state)
	}
}

// Rename gives the socket of one listener another name, which a station does not know.
func (s *Supervisor) Rename(from, to string) {
	for i, name := range s.names {
		if name == from {
			s.names[i] = to
		}
	}
}

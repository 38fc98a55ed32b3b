package api

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// splitter takes a document of the form {"member":[row, row …]} apart without holding
// more than one row of it. It finds where a row ends; whether the row is well-formed is
// the reader's to say.
type splitter struct {
	in     *bufio.Reader
	member string
	row    []byte
	rows   int
	state  func(*splitter) error // what comes before the next row
}

// maxRow bounds one row; the body of a single create has the same bound.
const maxRow = 1 << 20

// errDocument says why a document cannot be taken apart.
type errDocument string

func (e errDocument) Error() string { return string(e) }

func newSplitter(in io.Reader, member string) *splitter {
	return &splitter{in: bufio.NewReaderSize(in, 64<<10), member: member, state: (*splitter).open}
}

// next gives the bytes of the next row, which are good until the next call; nil at the
// end of a complete document.
func (s *splitter) next() ([]byte, error) {
	err := s.state(s)
	if errors.Is(err, io.EOF) {
		s.state = (*splitter).end
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.rows++
	s.state = (*splitter).between
	return s.row, nil
}

// open reads up to the first row.
func (s *splitter) open() error {
	for _, want := range []byte{'{', '"'} {
		if err := s.expect(want); err != nil {
			return err
		}
	}
	name, err := s.in.ReadBytes('"')
	if err != nil {
		return s.cut(err)
	}
	if name = name[:len(name)-1]; string(name) != s.member {
		return errDocument(fmt.Sprintf("the document must have one member, %s", s.member))
	}
	for _, want := range []byte{':', '['} {
		if err := s.expect(want); err != nil {
			return err
		}
	}
	b, err := s.after()
	if err != nil {
		return err
	}
	if b == ']' {
		return s.close()
	}
	return s.read(b)
}

// between reads from the end of a row to the end of the next.
func (s *splitter) between() error {
	b, err := s.after()
	if err != nil {
		return err
	}
	switch b {
	case ']':
		return s.close()
	case ',':
		if b, err = s.after(); err != nil {
			return err
		}
		return s.read(b)
	}
	return errDocument(fmt.Sprintf("a comma is missing behind row %d", s.rows))
}

// end is the state behind a complete document.
func (*splitter) end() error { return io.EOF }

// close makes sure that nothing follows; io.EOF is the good end.
func (s *splitter) close() error {
	if err := s.expect('}'); err != nil {
		return err
	}
	_, err := s.after()
	if errors.As(err, new(errDocument)) {
		return io.EOF
	}
	if err != nil {
		return err
	}
	return errDocument("something follows the document")
}

// after is the next byte that is no blank.
func (s *splitter) after() (byte, error) {
	for {
		b, err := s.in.ReadByte()
		if err != nil {
			return 0, s.cut(err)
		}
		if b != ' ' && b != '\t' && b != '\n' && b != '\r' {
			return b, nil
		}
	}
}

func (s *splitter) expect(want byte) error {
	b, err := s.after()
	if err != nil {
		return err
	}
	if b != want {
		return errDocument(fmt.Sprintf("the document must be {%q:[…]}", s.member))
	}
	return nil
}

func (s *splitter) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return errDocument("the document ends too early")
	}
	return err
}

// read reads a row that begins with b: an object or a string.
func (s *splitter) read(b byte) error {
	s.row = append(s.row[:0], b)
	switch b {
	case '"':
		return s.text()
	case '{':
	default:
		return errDocument(fmt.Sprintf("row %d is neither an object nor a string", s.rows))
	}
	for depth := 1; depth > 0; {
		b, err := s.in.ReadByte()
		if err != nil {
			return s.cut(err)
		}
		s.row = append(s.row, b)
		switch b {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			if err := s.text(); err != nil {
				return err
			}
		}
		if depth > maxDepth || len(s.row) > maxRow {
			return errDocument(fmt.Sprintf("row %d is larger than %d bytes or nested deeper than %d", s.rows, maxRow, maxDepth))
		}
	}
	return nil
}

// text reads the rest of a string.
func (s *splitter) text() error {
	for {
		b, err := s.in.ReadByte()
		if err != nil {
			return s.cut(err)
		}
		s.row = append(s.row, b)
		switch {
		case b == '"':
			return nil
		case b == '\\':
			escaped, err := s.in.ReadByte()
			if err != nil {
				return s.cut(err)
			}
			s.row = append(s.row, escaped)
		case len(s.row) > maxRow:
			return errDocument(fmt.Sprintf("row %d is larger than %d bytes", s.rows, maxRow))
		}
	}
}

package store_test

import (
	"encoding/binary"
	"testing"
)

// bytesAt is a stretch of a database file.
type bytesAt struct{ offset, length int }

// cells finds every byte of the rows of a table (sqlite.org/fileformat2.html §1.6): the
// cells of its leaves and what of them lies in overflow pages.
func cells(t *testing.T, file []byte, root int) []bytesAt {
	t.Helper()
	size := int(binary.BigEndian.Uint16(file[16:]))
	start := (root - 1) * size
	head := start
	if root == 1 {
		head += 100
	}
	count := int(binary.BigEndian.Uint16(file[head+3:]))
	var list []bytesAt
	switch file[head] {
	case 5: // an interior page: a page's number and a key in each cell
		for i := range count {
			cell := start + int(binary.BigEndian.Uint16(file[head+12+2*i:]))
			list = append(list, cells(t, file, int(binary.BigEndian.Uint32(file[cell:])))...)
		}
		return append(list, cells(t, file, int(binary.BigEndian.Uint32(file[head+8:])))...)
	case 13: // a leaf
		for i := range count {
			list = append(list, row(file, start+int(binary.BigEndian.Uint16(file[head+8+2*i:])), size)...)
		}
		return list
	}
	t.Fatalf("page %d is of kind %d, no page of a table", root, file[head])
	return nil
}

// row is one cell of a leaf: two varints, the payload, and where it goes on.
func row(file []byte, offset, size int) []bytesAt {
	payload, n := varint(file[offset:])
	_, m := varint(file[offset+n:])
	local := payload
	if most := size - 35; payload > most {
		least := (size-12)*32/255 - 23
		local = least + (payload-least)%(size-4)
		if local > most {
			local = least
		}
	}
	list := []bytesAt{{offset, n + m + local}}
	next := offset + n + m + local
	for left := payload - local; left > 0; {
		page := (int(binary.BigEndian.Uint32(file[next:])) - 1) * size
		part := min(left, size-4)
		list = append(list, bytesAt{next, 4}, bytesAt{page + 4, part})
		left, next = left-part, page
	}
	return list
}

// varint is SQLite's: seven bits a byte, the highest first.
func varint(b []byte) (value, length int) {
	for i := range 8 {
		value = value<<7 | int(b[i]&0x7f)
		if b[i] < 0x80 {
			return value, i + 1
		}
	}
	return value<<8 | int(b[8]), 9
}

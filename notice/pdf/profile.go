package pdf

import (
	"encoding/binary"
	"math"
)

// sRGB is an ICC profile, version 2, of the colour space sRGB (IEC 61966-2-1): its
// primaries adapted to D50 and its curve as a table. An output intent must carry one
// (ISO 19005-2, 6.2.3).
func sRGB() []byte {
	curve := sRGBCurve()
	tags := []fontTable{
		{"cprt", iccText("No rights reserved")},
		{"desc", iccDescription("sRGB IEC61966-2.1")},
		{"wtpt", iccXYZ(0.9642, 1, 0.8249)},
		{"rXYZ", iccXYZ(0.43607, 0.22249, 0.01392)},
		{"gXYZ", iccXYZ(0.38515, 0.71687, 0.09708)},
		{"bXYZ", iccXYZ(0.14307, 0.06061, 0.71410)},
		{"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
	}
	head := make([]byte, 128)
	binary.BigEndian.PutUint32(head[8:], 0x02100000)
	copy(head[12:], "mntrRGB XYZ ")
	for i, n := range []uint16{2026, 1, 1, 0, 0, 0} { // a date is demanded; this one is fixed
		binary.BigEndian.PutUint16(head[24+2*i:], n)
	}
	copy(head[36:], "acsp")
	copy(head[68:], iccXYZ(0.9642, 1, 0.8249)[8:])

	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	var data []byte
	at := map[string]int{} // equal contents are kept once
	begin := 128 + 4 + 12*len(tags)
	for _, t := range tags {
		where, known := at[string(t.data)]
		if !known {
			where = begin + len(data)
			at[string(t.data)] = where
			data = append(data, t.data...)
			for len(data)%4 != 0 {
				data = append(data, 0)
			}
		}
		table = append(table, t.tag...)
		table = binary.BigEndian.AppendUint32(table, uint32(where))
		table = binary.BigEndian.AppendUint32(table, uint32(len(t.data)))
	}
	out := append(append(head, table...), data...)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

func sRGBCurve() []byte {
	const steps = 1024
	out := append([]byte("curv"), 0, 0, 0, 0)
	out = binary.BigEndian.AppendUint32(out, steps)
	for i := range steps {
		v := float64(i) / (steps - 1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		out = binary.BigEndian.AppendUint16(out, uint16(math.Round(v*65535)))
	}
	return out
}

func iccXYZ(values ...float64) []byte {
	out := append([]byte("XYZ "), 0, 0, 0, 0)
	for _, v := range values {
		out = binary.BigEndian.AppendUint32(out, uint32(int32(math.Round(v*65536))))
	}
	return out
}

func iccText(s string) []byte { return append(append([]byte("text\x00\x00\x00\x00"), s...), 0) }

func iccDescription(s string) []byte {
	out := append([]byte("desc"), 0, 0, 0, 0)
	out = binary.BigEndian.AppendUint32(out, uint32(len(s)+1))
	out = append(append(out, s...), 0)
	return append(out, make([]byte, 4+4+2+1+67)...) // no Unicode and no Macintosh description
}

package xmlpull

// Limits bounds what one document may cost. A zero field means its default, so
// that the zero value is safe.
type Limits struct {
	MaxDepth           int // open elements
	MaxTokens          int // tags, runs of text, CDATA sections, comments
	MaxAttributes      int // of one element, namespace declarations included
	MaxNamespaces      int // bindings in scope at once
	MaxNameBytes       int // one qualified name
	MaxLeafBytes       int // one value or attribute
	MaxBase64LeafBytes int // one base64 value, or one run of skipped text
}

// DefaultLimits returns the limits of the gate. The largest message the
// contract can express, a paSendRTV2 with five transfers and every metadata
// list full, needs under 1,500 tokens and a depth of 8.
func DefaultLimits() Limits {
	return Limits{
		MaxDepth:           32,
		MaxTokens:          4000,
		MaxAttributes:      16,
		MaxNamespaces:      64,
		MaxNameBytes:       256,
		MaxLeafBytes:       64 << 10,
		MaxBase64LeafBytes: 512 << 10,
	}
}

// orDefaults replaces every field that is not positive.
func (l Limits) orDefaults() Limits {
	d := DefaultLimits()
	for _, f := range [...]struct {
		have *int
		want int
	}{
		{&l.MaxDepth, d.MaxDepth},
		{&l.MaxTokens, d.MaxTokens},
		{&l.MaxAttributes, d.MaxAttributes},
		{&l.MaxNamespaces, d.MaxNamespaces},
		{&l.MaxNameBytes, d.MaxNameBytes},
		{&l.MaxLeafBytes, d.MaxLeafBytes},
		{&l.MaxBase64LeafBytes, d.MaxBase64LeafBytes},
	} {
		if *f.have <= 0 {
			*f.have = f.want
		}
	}
	return l
}

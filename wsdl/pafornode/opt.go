package pafornode

// Opt is the value of an element the XSD allows to be absent. Absent and empty
// differ on the wire, and an absent boolean is not false.
type Opt[T any] struct {
	Value T
	Set   bool
}

// Some returns an Opt that is set.
func Some[T any](v T) Opt[T] { return Opt[T]{Value: v, Set: true} }

// Or returns the value, or otherwise when the element is absent.
func (o Opt[T]) Or(otherwise T) T {
	if o.Set {
		return o.Value
	}
	return otherwise
}

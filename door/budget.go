package door

import "sync"

// Small is what a body may have without counting: the calls that payers wait for are
// smaller, and must be answered while large ones use the budget up.
const Small = 16 << 10

// Budget is the memory that bodies under way may take together.
type Budget struct {
	mu   sync.Mutex
	left int64
}

// NewBudget is a budget of so many bytes.
func NewBudget(bytes int64) *Budget { return &Budget{left: bytes} }

// Take takes what a body of the length may need, or says that there is no room now. A
// length below zero is not known and counts as most. give gives it back.
func (b *Budget) Take(length, most int64) (give func(), ok bool) {
	if length < 0 || length > most {
		length = most
	}
	if length <= Small {
		return func() {}, true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if length > b.left {
		return nil, false
	}
	b.left -= length
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.left += length
	}, true
}

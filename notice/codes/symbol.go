package codes

// Symbol is a square of dark and light modules, without its quiet zone.
type Symbol struct {
	size int
	dark []bool // row by row
}

func newSymbol(size int, dark func(x, y int) bool) *Symbol {
	s := &Symbol{size: size, dark: make([]bool, size*size)}
	for y := range size {
		for x := range size {
			s.dark[y*size+x] = dark(x, y)
		}
	}
	return s
}

// Size is the number of modules of a side.
func (s *Symbol) Size() int { return s.size }

// Dark says whether a module is dark; x counts from the left, y from the top. What lies
// outside is light.
func (s *Symbol) Dark(x, y int) bool {
	return x >= 0 && y >= 0 && x < s.size && y < s.size && s.dark[y*s.size+x]
}

// Block is a rectangle of dark modules.
type Block struct{ X, Y, Width, Height int }

// Blocks covers the dark modules by rectangles that do not overlap, few rather than
// many: they are drawn as one vector path.
func (s *Symbol) Blocks() []Block {
	done := make([]Block, 0, s.size*s.size/4)
	var open, still, runs []Block // each row's, in room that is used again
	for y := 0; y <= s.size; y++ {
		still, runs = still[:0], s.runs(y, runs[:0])
		for _, run := range runs {
			for _, above := range open {
				if above.X == run.X && above.Width == run.Width {
					run.Y, run.Height = above.Y, above.Height+1
				}
			}
			still = append(still, run)
		}
		for _, b := range open {
			if !continued(still, b) {
				done = append(done, b)
			}
		}
		open, still = still, open
	}
	return done
}

func continued(still []Block, b Block) bool {
	for _, s := range still {
		if s.X == b.X && s.Width == b.Width {
			return true
		}
	}
	return false
}

func (s *Symbol) runs(y int, runs []Block) []Block {
	for x := 0; x < s.size; x++ {
		start := x
		for s.Dark(x, y) {
			x++
		}
		if x > start {
			runs = append(runs, Block{start, y, x - start, 1})
		}
	}
	return runs
}

package notice

// A plan's instalments stand in rows of two or of three; a page has one kind of row
// only (notices.md §4 "Pagination").

// bankRows says how many columns the row on the first page has and how many each row of
// the pages after it.
func bankRows(n int) (first, others int) {
	switch n {
	case 2, 4:
		return 2, 2
	case 5, 8:
		return 2, 3
	case 6:
		return 2, 2
	case 7:
		return 3, 2
	}
	return 3, 3
}

// slipRows gives the columns of each page of instalments with slips: threes, with as few
// twos as it takes to leave no place empty.
func slipRows(n int) []int {
	var rows []int
	if n%3 == 2 {
		rows, n = append(rows, 2), n-2
	}
	for n > 0 {
		columns := 3
		if n == 4 || n == 2 {
			columns = 2
		}
		rows, n = append(rows, columns), n-columns
	}
	return rows
}

// plan draws instalments without slips: a row where the first page has room, then pages
// full of rows.
func (a *avviso) plan(y float64) error {
	list := a.n.Instalments
	first, others := bankRows(len(list))
	dense := len(list) >= manyInstalments
	depth := columnsDepth
	if dense {
		depth = denseDepth
	}
	if y+depth > bottom {
		// The parties took more room than usual: the whole plan goes to the next page.
		a.turn()
		y = firstBar
	}
	count := min(first, len(list))
	if err := a.row(y, gridOf(first), list[:count], dense); err != nil {
		return err
	}
	list = list[count:]
	pitch := columnsHeight + 10
	if dense {
		pitch = denseHeight + 13
	}
	for len(list) > 0 {
		a.turn()
		for y := firstBar; len(list) > 0 && y+depth <= bottom; y += pitch {
			count := min(others, len(list))
			if err := a.row(y, gridOf(others), list[:count], dense); err != nil {
				return err
			}
			list = list[count:]
		}
	}
	return nil
}

// slipPages draws instalments with their slips: each page has a row and below it the
// slips of the same instalments.
func (a *avviso) slipPages() error {
	list := a.n.Instalments
	for _, columns := range slipRows(len(list)) {
		a.turn()
		dense, form, below := columns == 3, slipNormal, columnsHeight
		if dense {
			form, below = slipCompact, denseHeight
		}
		if err := a.row(firstBar, gridOf(columns), list[:columns], dense); err != nil {
			return err
		}
		for i := range columns {
			if err := a.slip(firstBar+below+float64(i)*form.pitch, form, &list[i], ""); err != nil {
				return err
			}
		}
		list = list[columns:]
	}
	return nil
}

// turn begins the next page.
func (a *avviso) turn() {
	a.header("title")
	a.sheet.subject(nil, a.subject)
}

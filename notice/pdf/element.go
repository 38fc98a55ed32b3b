package pdf

// Role is what a piece of a document is to who has it read aloud: a standard structure
// type (ISO 32000-1, 14.8.4).
type Role string

// The roles in use.
const (
	RoleDocument Role = "Document"
	RoleSection  Role = "Sect"
	RoleTitle    Role = "H1"
	RoleHeading  Role = "H2"
	RoleText     Role = "P"
	RoleSpan     Role = "Span"
	RoleFigure   Role = "Figure"
	RoleTable    Role = "Table"
	RoleRow      Role = "TR"
	RoleHeader   Role = "TH" // of a column
	RoleCell     Role = "TD"
)

// Element is a node of the structure tree. Its parts are read in the order in which
// they were added and drawn.
type Element struct {
	role     Role
	parent   *Element
	alt      string
	lang     string
	kids     []kid
	box      *box // of a figure, on the page of its first mark
	object   int
	pageOf   *Page
	document *Document
}

// kid is an element or a piece of marked content.
type kid struct {
	element *Element
	page    *Page
	mark    int
}

// Add puts a new element after what the element holds.
func (e *Element) Add(role Role) *Element {
	child := &Element{role: role, parent: e, document: e.document}
	e.kids = append(e.kids, kid{element: child})
	return child
}

// Figure adds a picture with the text that stands for it.
func (e *Element) Figure(alt string) *Element {
	child := e.Add(RoleFigure)
	child.alt = alt
	return child
}

// Span adds text in another language.
func (e *Element) Span(lang string) *Element {
	child := e.Add(RoleSpan)
	child.lang = lang
	return child
}

// box is a rectangle in PDF's own coordinates.
type box struct{ left, bottom, right, top float64 }

func (e *Element) cover(p *Page, x, y, width, height float64) {
	if e == nil || e.role != RoleFigure || e.pageOf != p {
		return
	}
	b := box{x * pointsPerMM, (PageHeight - y - height) * pointsPerMM, (x + width) * pointsPerMM, (PageHeight - y) * pointsPerMM}
	if e.box == nil {
		e.box = &b
		return
	}
	e.box.left, e.box.bottom = min(e.box.left, b.left), min(e.box.bottom, b.bottom)
	e.box.right, e.box.top = max(e.box.right, b.right), max(e.box.top, b.top)
}

// SpanOf is Span of an element that may be none: text of decoration is decoration.
func (e *Element) SpanOf(lang string) *Element {
	if e == nil {
		return nil
	}
	return e.Span(lang)
}

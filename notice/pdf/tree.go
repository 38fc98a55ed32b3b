package pdf

import (
	"fmt"
	"strings"
)

// structure writes the structure tree and gives its root's number.
func (f *file) structure() int {
	root := f.reserve()
	f.number(f.document.root)
	f.element(f.document.root, root)
	var list strings.Builder
	for i, p := range f.document.pages {
		var owners strings.Builder
		for _, e := range p.marks {
			fmt.Fprintf(&owners, "%d 0 R ", e.object)
		}
		fmt.Fprintf(&list, "%d [%s] ", i, owners.String())
	}
	parents := f.add("<</Nums [%s]>>", list.String())
	f.put(root, "<</Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d>>", f.document.root.object, parents, len(f.document.pages))
	return root
}

// number gives every element its object. An element that holds nothing is left out:
// it would be read as an empty one.
func (f *file) number(e *Element) {
	e.object = f.reserve()
	for _, k := range e.kids {
		if k.element != nil && !k.element.empty() {
			f.number(k.element)
		}
	}
}

func (e *Element) empty() bool {
	for _, k := range e.kids {
		if k.element == nil || !k.element.empty() {
			return false
		}
	}
	return true
}

func (f *file) element(e *Element, parent int) {
	var b strings.Builder
	fmt.Fprintf(&b, "<</Type /StructElem /S /%s /P %d 0 R", e.role, parent)
	if e.pageOf != nil {
		fmt.Fprintf(&b, " /Pg %d 0 R", e.pageOf.object)
	}
	if e.alt != "" {
		b.WriteString(" /Alt " + textString(e.alt))
	}
	if e.lang != "" {
		b.WriteString(" /Lang " + textString(e.lang))
	}
	switch {
	case e.box != nil:
		fmt.Fprintf(&b, " /A <</O /Layout /Placement /Block /BBox [%.3f %.3f %.3f %.3f]>>", e.box.left, e.box.bottom, e.box.right, e.box.top)
	case e.role == RoleHeader:
		b.WriteString(" /A <</O /Table /Scope /Column>>")
	}
	b.WriteString(" /K [")
	for _, k := range e.kids {
		switch {
		case k.element != nil && k.element.empty():
		case k.element != nil:
			fmt.Fprintf(&b, "%d 0 R ", k.element.object)
			f.element(k.element, e.object)
		case k.page == e.pageOf:
			fmt.Fprintf(&b, "%d ", k.mark)
		default:
			fmt.Fprintf(&b, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", k.page.object, k.mark)
		}
	}
	b.WriteString("]>>")
	f.put(e.object, "%s", b.String())
}

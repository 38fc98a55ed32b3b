package bridge

import "slices"

// Segregation: an EC may divide its notice numbers among several partners by their
// first two digits behind the aux digit, which are the first two of the IUV. A key, or
// a caller on its own account, is held to some of these codes (gpd-api.md §5.2).

// mayUse says whether a position's payment options are all within the principal's
// codes. GPD looks at the first option alone (gpd-api.md §6.1 row 6); here every one
// counts, or a foreign code could ride along.
func (p Principal) mayUse(position *Position) bool {
	if len(p.Segregations) == 0 {
		return true
	}
	for i := range position.Options {
		for j := range position.Options[i].Instalments {
			if !p.mayUseIUV(position.Options[i].Instalments[j].IUV) {
				return false
			}
		}
	}
	return true
}

func (p Principal) mayUseIUV(iuv IUV) bool {
	return len(p.Segregations) == 0 || len(iuv) >= 2 && slices.Contains(p.Segregations, string(iuv[:2]))
}

// segregated refuses a position outside of the principal's codes.
func (p Principal) segregated(position *Position) error {
	if p.mayUse(position) {
		return nil
	}
	return refuse(CodeSegregation, "debt position %s of organization %s has a payment option outside of the segregation codes", position.IUPD, position.EC)
}

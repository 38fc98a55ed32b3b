package api

import (
	"regexp"
	"strings"
)

// segregationCodes is GPD's hidden parameter (gpd-api.md §3.3).
const segregationCodes = "segregationCodes"

var segregationForm = regexp.MustCompile(`^[0-9]{2}(,[0-9]{2})*$`)

// segregate holds the call to the codes that it names itself, unless its key has
// codes of its own: then the gateway overwrites the parameter (gpd-api.md §5.2).
func (c *call) segregate() error {
	given := c.query.Get(segregationCodes)
	if given == "" || c.op.anyEC || len(c.by.Segregations) > 0 {
		return nil
	}
	if !segregationForm.MatchString(given) {
		return c.constraint(segregationCodes, `must match "\d{2}(,\d{2})*"`)
	}
	c.by.Segregations = strings.Split(given, ",")
	return nil
}

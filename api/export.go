package api

import "nodobridge/bridge"

// PositionJSON shows a position as version 3 of the API does, for whoever hands it to a
// person.
func PositionJSON(p *bridge.Position) ([]byte, error) {
	return encode(positionV3ViewOf(p, dueWindow{}))
}

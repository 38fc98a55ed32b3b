package bridge

import (
	"context"
	"errors"
)

// ErrNoRoom means that the disk is full: nothing was stored, and the caller may try
// again. A receipt may be stored at once, from the room that a store keeps for it.
var ErrNoRoom = errors.New("the disk is full")

type reserveKey struct{}

// ForReceipt marks an update as one that may take the room which a store keeps back for
// a full disk: what the node hands over is money that has moved, and anything else can
// wait.
func ForReceipt(ctx context.Context) context.Context {
	return context.WithValue(ctx, reserveKey{}, true)
}

// IsForReceipt says whether an update is marked so.
func IsForReceipt(ctx context.Context) bool { return ctx.Value(reserveKey{}) != nil }

package store

import (
	"context"
	"fmt"
)

// keptBodies compares variants and refused inputs with what the journal says of them: as
// many rows of each seal as were kept and not removed or replayed.
func (v *verifier) keptBodies(ctx context.Context) (counted int64, broken string, err error) {
	for _, k := range []*kept{&keptVariant, &keptRejected} {
		told := map[string]int64{} // how often, by seal
		by := map[string]int64{}   // the last record of it
		if err := v.toldOf(ctx, k, told, by); err != nil {
			return counted, "", err
		}
		err := k.each(ctx, v.db, `1`, func(id int64, seal string) {
			counted++
			if told[seal]--; told[seal] < 0 && broken == "" {
				broken = fmt.Sprintf("%s %d: the journal has no record of it, or it is not what was kept", k.table, id)
			}
		})
		if err != nil || broken != "" {
			return counted, broken, err
		}
		first := int64(0)
		for seal, n := range told {
			if n > 0 && (first == 0 || by[seal] < first) {
				first = by[seal]
			}
		}
		if first != 0 {
			return counted, fmt.Sprintf("journal %d: the %s of which it tells is not there", first, k.table), nil
		}
	}
	return counted, "", nil
}

func (v *verifier) toldOf(ctx context.Context, k *kept, told, by map[string]int64) error {
	rows, err := v.db.QueryContext(ctx, `SELECT id, object, iif(action = ?1, 1, -1) FROM journal WHERE action IN (?1, ?2, ?3) AND detail = ?4 ORDER BY id`, actionKeep, actionReplay, actionRemove, k.table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, n int64
		var seal string
		if err := rows.Scan(&id, &seal, &n); err != nil {
			return err
		}
		told[seal] += n
		by[seal] = id
	}
	return rows.Err()
}

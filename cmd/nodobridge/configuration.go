package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// hash is of every key with the value in force; secrets are left out, since a hash of a
// short one would give it away.
func (c *config) hash() (string, error) {
	text, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	var settings map[string]any
	if err := json.Unmarshal(text, &settings); err != nil {
		return "", err
	}
	text, err = json.Marshal(redacted(settings)) // in the order of the keys' names
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// noteConfiguration writes into the journal which configuration is in force. A store that
// takes nothing now does not keep the station from serving: reads go on.
func (s *station) noteConfiguration(ctx context.Context, when string) {
	hash, err := s.config.hash()
	if err == nil {
		err = s.service.NoteConfiguration(ctx, hash, when)
	}
	if err != nil {
		s.log.Error("cannot write the configuration into the journal", "reason", err.Error())
	}
}

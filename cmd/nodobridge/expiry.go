package main

import "time"

// watchInterval is how often a running station looks at its certificates: the files
// may have been renewed, and days have passed.
const watchInterval = time.Hour

// watch reads renewed certificate files and warns once for each threshold that an
// expiry has passed (60, 30, 14 and 3 days; reliability-security.md §3.2).
func (s *station) watch() {
	if s.certificates == nil {
		return
	}
	if err := s.certificates.Reload(); err != nil {
		s.log.Error("certificates kept as they were", "reason", err.Error())
	}
	for _, e := range s.certificates.Expiries(time.Now()) {
		threshold, warn := e.Warning()
		if of := e.Of + " " + e.NotAfter.UTC().Format(time.DateOnly); warn && s.warned[of] != threshold {
			s.warned[of] = threshold
			s.log.Warn("certificate expires", "of", e.Of, "name", e.Name, "days", e.Days, "not_after", e.NotAfter.UTC().Format(time.RFC3339))
		}
	}
}

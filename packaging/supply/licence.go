package main

import "strings"

// allowed are the licences that a linked module may have (docs/dependencies.md).
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0"}

// licencesIn names the licences that a text holds, by the sentences that make them.
func licencesIn(text string) []string {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	var found []string
	add := func(name string, is bool) {
		if is {
			found = append(found, name)
		}
	}
	has := func(sentence string) bool { return strings.Contains(text, sentence) }
	add("Apache-2.0", has("apache license") && has("version 2.0"))
	add("MPL-2.0", has("mozilla public license") && has("version 2.0"))
	add("MIT", has("permission is hereby granted, free of charge"))
	bsd := has("redistribution and use in source and binary forms")
	add("BSD-3-Clause", bsd && (has("neither the name") || has("the names of its contributors may not")))
	add("BSD-2-Clause", bsd && !has("neither the name") && !has("the names of its contributors may not"))
	add("ISC", has("permission to use, copy, modify, and/or distribute this software"))
	add("GPL", has("gnu general public license"))
	add("LGPL", has("gnu lesser general public license"))
	add("AGPL", has("gnu affero general public license"))
	add("EUPL", has("european union public licence"))
	return found
}

#!/bin/sh
# Known vulnerabilities that the program can reach: packaging/vulnerabilities.sh TAGS.
# Where the database (vuln.go.dev, or a copy that GOVULNDB names) cannot be reached, that
# is said and is no failure; NODOBRIDGE_VULN_REQUIRED=1 makes it one, for a release.
set -eu
tags=$1
database=${GOVULNDB:-https://vuln.go.dev}
case $database in
file://*) reachable=$(test -f "${database#file://}/index/db.json" && echo yes || echo no) ;;
*) reachable=$(curl -fsS --max-time 10 -o /dev/null "$database/index/db.json" 2>/dev/null && echo yes || echo no) ;;
esac
if [ "$reachable" = no ]; then
	echo "known vulnerabilities: SKIPPED, $database cannot be reached" >&2
	test -z "${NODOBRIDGE_VULN_REQUIRED:-}"
	exit
fi
exec go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 -tags "$tags" ./...

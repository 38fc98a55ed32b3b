#!/bin/sh
# Builds the release twice from the last commit, in two folders of different names, each
# with a build cache of its own, and compares the bytes: packaging/reproducible.sh
# (reliability-security.md §8 G23). Takes some minutes: SQLite is compiled twice.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
commit=$(git -C "$root" rev-parse HEAD) # others may commit meanwhile
sum() { # FOLDER
	git clone -q "$root" "$work/$1"
	git -C "$work/$1" checkout -q "$commit"
	GOCACHE="$work/$1.cache" make -s -C "$work/$1" RELEASE=reproducible build
	sha256sum <"$work/$1/bin/nodobridge" | cut -d' ' -f1
}
first=$(sum one)
second=$(sum a-longer-name/two)
echo "$first first build"
echo "$second second build"
test "$first" = "$second" || { echo "the two builds differ" >&2; exit 1; }

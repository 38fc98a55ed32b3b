#!/bin/sh
# Builds a .deb of bin/nodobridge: packaging/build-deb.sh VERSION OUTPUT.deb
# The same binary, version and SOURCE_DATE_EPOCH give the same bytes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
version=$1
output=$2
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 0755 "$tree"
install -D -m 0755 "$root/bin/nodobridge" "$tree/usr/bin/nodobridge"
install -D -m 0640 "$root/config.yaml" "$tree/etc/nodobridge/config.yaml"
# The package's store lies where the distribution keeps such things.
sed -i 's|^  dir: var$|  dir: /var/lib/nodobridge/store|' "$tree/etc/nodobridge/config.yaml"
grep -q '^  dir: /var/lib/nodobridge/store$' "$tree/etc/nodobridge/config.yaml"
for unit in "$here"/nodobridge*.service "$here"/nodobridge*.socket; do
	install -D -m 0644 "$unit" "$tree/usr/lib/systemd/system/$(basename "$unit")"
done
for page in README.md CHANGELOG.md docs/operations.md docs/services.md docs/faults.md docs/divergences.md docs/privacy.md docs/notices.md docs/tables.md docs/scenarios.md docs/security-review.md; do
	install -D -m 0644 "$root/$page" "$tree/usr/share/doc/nodobridge/$(basename "$page")"
done
for page in prometheus-rules.yaml grafana-dashboard.json; do
	install -D -m 0644 "$here/$page" "$tree/usr/share/nodobridge/$page"
done
install -D -m 0644 "$here/nodobridge.1" "$tree/usr/share/man/man1/nodobridge.1"
gzip -9n "$tree/usr/share/man/man1/nodobridge.1"
install -D -m 0644 "$root/LICENSE" "$tree/usr/share/doc/nodobridge/copyright"
# What it is made of, when "make supply" has said so of this binary.
for page in sbom.cdx.json THIRD-PARTY.txt; do
	test ! -f "$root/dist/$page" || install -D -m 0644 "$root/dist/$page" "$tree/usr/share/doc/nodobridge/$page"
done

mkdir "$tree/DEBIAN"
install -m 0755 "$here/deb/postinst" "$here/deb/prerm" "$tree/DEBIAN/"
echo /etc/nodobridge/config.yaml >"$tree/DEBIAN/conffiles"
cat >"$tree/DEBIAN/control" <<CONTROL
Package: nodobridge
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: nodobridge <security@nodobridge.example>
Depends: adduser
Section: net
Priority: optional
Installed-Size: $(du -sk "$tree" | cut -f1)
Description: pagoPA station that a creditor institution runs itself
 One binary: the pagoPA node calls it over SOAP, the institution's applications
 upload debt positions over a JSON API compatible with pagoPA's own GPD, and
 positions and receipts are kept in an embedded SQLite store.
CONTROL
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz -z2 --build "$tree" "$output" >/dev/null

#!/bin/sh
# Installs the foreign SOAP stacks of the interoperability tests on Debian 12 and
# prints what is there. Running it again with everything in place changes nothing
# and reaches no network.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
export DEBIAN_FRONTEND=noninteractive

has_package() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Packages that only Debian's own build will do for: the tests use their files.
missing=
for package in python3-zeep php-cli php-soap libjaxws-java libjaxb-java; do
    has_package "$package" || missing="$missing $package"
done
# Tools that any build will do for (a CI image may bring a JDK or Node.js of its own).
command -v javac >/dev/null || missing="$missing default-jdk-headless"
command -v node >/dev/null || missing="$missing nodejs"
command -v npm >/dev/null || missing="$missing npm"

if [ -n "$missing" ]; then
    sudo=
    [ "$(id -u)" -eq 0 ] || sudo="sudo -E"
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # shellcheck disable=SC2086 # a list of package names, split on purpose
    { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends $missing; } \
        >"$log" 2>&1 </dev/null || { cat "$log" >&2; exit 1; }
fi

# The lock file names versions and digests but no download host, so that any mirror
# serves; install scripts are refused, none of these packages needs one.
stamp=$here/node-soap/node_modules/.installed-lock
if ! cmp -s "$here/node-soap/package-lock.json" "$stamp"; then
    (cd "$here/node-soap" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null </dev/null)
    cp "$here/node-soap/package-lock.json" "$stamp"
fi

version_of() {
    dpkg-query -W -f '${Version}' "$1"
}
echo "zeep       python3-zeep $(version_of python3-zeep), $(/usr/bin/python3 --version)"
echo "php        php-soap $(version_of php-soap), PHP $(php -r 'echo PHP_VERSION;')"
echo "node-soap  soap $(node -p "require('$here/node-soap/node_modules/soap/package.json').version"), Node.js $(node --version)"
echo "jaxws      libjaxws-java $(version_of libjaxws-java), $(javac -version 2>&1)"

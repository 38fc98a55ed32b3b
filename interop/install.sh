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
for package in python3-zeep python3-suds php-cli php-soap libjaxws-java libjaxb-java gsoap libgsoap-dev mono-devel; do
    has_package "$package" || missing="$missing $package"
done
# Tools that any build will do for (a CI image may bring a JDK or Node.js of its own).
command -v javac >/dev/null || missing="$missing default-jdk-headless"
command -v node >/dev/null || missing="$missing nodejs"
command -v npm >/dev/null || missing="$missing npm"
command -v g++ >/dev/null || missing="$missing g++"

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
install_locked() {
    stamp=$1/node_modules/.installed-lock
    if ! cmp -s "$1/package-lock.json" "$stamp"; then
        (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null </dev/null)
        cp "$1/package-lock.json" "$stamp"
    fi
}
install_locked "$here/node-soap"
install_locked "$here/strong-soap"
install_locked "$here/rest"

version_of() {
    dpkg-query -W -f '${Version}' "$1"
}
npm_version_of() {
    node -p "require('$here/$1/node_modules/$2/package.json').version"
}
python=$(/usr/bin/python3 --version)
node=$(node --version)
echo "zeep        python3-zeep $(version_of python3-zeep), $python"
echo "suds        python3-suds $(version_of python3-suds), $python"
echo "php         php-soap $(version_of php-soap), PHP $(php -r 'echo PHP_VERSION;')"
echo "node-soap   soap $(npm_version_of node-soap soap), Node.js $node"
echo "strong-soap strong-soap $(npm_version_of strong-soap strong-soap), Node.js $node"
echo "jaxws       libjaxws-java $(version_of libjaxws-java), $(javac -version 2>&1)"
echo "gsoap       gsoap $(version_of gsoap), $(g++ --version | head -n 1)"
echo "mono        mono-devel $(version_of mono-devel)"
echo "rest        prism $(npm_version_of rest @stoplight/prism-cli), portman $(npm_version_of rest @apideck/portman), newman $(npm_version_of rest newman)"

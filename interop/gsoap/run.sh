#!/bin/sh
# Generates the proxy from the station's own ?wsdl in strict mode, compiles and runs the
# client. Nothing is kept: a stale proxy would hide a change of the contract.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
wsdl=
for argument; do
    case ${previous:-} in --wsdl) wsdl=$argument ;; esac
    previous=$argument
done
[ -n "$wsdl" ] || { echo "gsoap: --wsdl is required" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# The tools talk on stdout, which belongs to the report.
wsdl2h -t "$here/typemap.dat" -o "$work/pa.h" "$wsdl" >&2
(cd "$work" && soapcpp2 -j -C -s -x -I/usr/share/gsoap/import pa.h) >&2
g++ -std=c++14 -O0 -w -I"$work" -o "$work/client" "$here/client.cpp" \
    "$work/soapC.cpp" "$work/soappaForNodeBindingProxy.cpp" -lgsoap++ >&2
"$work/client" "$@"

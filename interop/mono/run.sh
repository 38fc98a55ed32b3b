#!/bin/sh
# Makes the proxy from the station's own ?wsdl with Mono's wsdl tool, compiles and runs
# the client. Nothing is kept: a stale proxy would hide a change of the contract.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
wsdl=
for argument; do
    case ${previous:-} in --wsdl) wsdl=$argument ;; esac
    previous=$argument
done
[ -n "$wsdl" ] || { echo "mono: --wsdl is required" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
export HOME="$work" # mono writes its registry there

# The tools talk on stdout, which belongs to the report.
wsdl -language:CS -out:"$work/Proxy.cs" "$wsdl" >&2
mcs -nologo -nowarn:1591 -out:"$work/client.exe" -r:System.Web.Services.dll -r:System.Xml.dll \
    -r:Microsoft.CSharp.dll "$work/Proxy.cs" "$here/Client.cs" >&2
mono "$work/client.exe" "$@"

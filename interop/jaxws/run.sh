#!/bin/sh
# Generates the stubs from the station's own ?wsdl, compiles and runs the client.
# Nothing is kept: a stale stub would hide a change of the contract.
# The JDK has had no javax.xml.ws since 11, so the jars are Debian's (libjaxws-java);
# jaxws-tools.jar and jaxws-rt.jar name the jars they need in their manifests.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
jars=${JAXWS_JARS:-/usr/share/java}
classpath=$jars/jaxws-tools.jar:$jars/jaxb-xjc.jar

wsdl=
for argument; do
    case ${previous:-} in --wsdl) wsdl=$argument ;; esac
    previous=$argument
done
[ -n "$wsdl" ] || { echo "jaxws: --wsdl is required" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
mkdir "$work/src" "$work/classes"

# wsimport and javac talk on stdout, which belongs to the report.
java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$classpath" com.sun.tools.ws.WsImport \
    -quiet -Xnocompile -p pafornode -s "$work/src" "$wsdl" >&2
javac -J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1 -proc:none -nowarn -encoding UTF-8 \
    -cp "$classpath" -d "$work/classes" "$work"/src/pafornode/*.java "$here"/*.java >&2
# JAXB 2.3 looks for ClassLoader.defineClass, which the module system keeps shut.
# The SAAJ property only spares a warning repeated on every message.
java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --add-opens java.base/java.lang=ALL-UNNAMED \
    -Djavax.xml.soap.SAAJMetaFactory=com.sun.xml.messaging.saaj.soap.SAAJMetaFactoryImpl \
    -cp "$work/classes:$classpath" Client "$@"

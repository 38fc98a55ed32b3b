#!/bin/sh
# Compiles and runs Answers with Debian's JAX-WS RI (libjaxws-java).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jars=${JAXWS_JARS:-/usr/share/java}
classpath=$jars/jaxws-tools.jar:$jars/jaxb-xjc.jar
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
javac -proc:none -nowarn -encoding UTF-8 -cp "$classpath" -d "$work" "$here"/Answers.java >&2
java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --add-opens java.base/java.lang=ALL-UNNAMED \
    -Djavax.xml.soap.SAAJMetaFactory=com.sun.xml.messaging.saaj.soap.SAAJMetaFactoryImpl \
    -cp "$work:$classpath" Answers "$@"

#!/bin/sh
# Runs the program as packaging/Containerfile has it, without an engine: in a root of the
# copied files only, mounted read-only, as the file's user, with the volume as the only
# place to write to: container.sh STATIC-BINARY CONFIG WORK. To be run in new mount, network and
# process namespaces.
set -eu
binary=$1
config=$2
work=$3
here=$(cd "$(dirname "$0")/.." && pwd)
user=$(sed -n 's/^USER //p' "$here/Containerfile")
volume=$(sed -n 's/^VOLUME //p' "$here/Containerfile")
mount -t tmpfs tmpfs "$work"
install -D "$binary" "$work/usr/bin/nodobridge"
install -D -m 0644 "$config" "$work/etc/nodobridge/config.yaml"
mkdir -p "$work$volume"
mount -o remount,ro "$work"
mount -t tmpfs -o mode=0700,uid="${user%:*}",gid="${user#*:}" tmpfs "$work$volume"
ip link set lo up
enter() { chroot --userspec="$user" "$work" "$@"; }
entry="/usr/bin/nodobridge --config /etc/nodobridge/config.yaml"
enter $entry init
command=$(sed -n 's/^CMD \["\(.*\)"\]$/\1/p' "$here/Containerfile")
chroot --userspec="$user" "$work" $entry "$command" & # no function: its shell would get the signal
for attempt in $(seq 100); do
	if curl -s --noproxy '*' http://127.0.0.1:8082/readyz; then break; fi
	sleep 0.1
done
enter $entry keys list
kill -TERM $!
wait $! && echo "ended well"

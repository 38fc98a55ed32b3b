#!/bin/sh
# Installs a package in an overlay of this machine, which stays as it is, in network of
# its own; starts the unit's own command as the unit's user, and asks whether it is
# ready: install.sh DEB WORK. To be run in new mount and network namespaces.
set -eu
deb=$1
work=$2
mount -t tmpfs tmpfs "$work"
mkdir "$work/up" "$work/odd" "$work/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/up,workdir=$work/odd" "$work/root"
mount -t proc proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
ip link set lo up
cp "$deb" "$work/root/root/station.deb"
exec chroot "$work/root" /bin/bash -eu -c '
dpkg -i /root/station.deb
unit=/usr/lib/systemd/system/nodobridge.service
command=$(sed -n "s/^ExecStart=//p" $unit)
user=$(sed -n "s/^User=//p" $unit)
runuser -u "$user" -- $command 2>/root/log &
for attempt in $(seq 100); do
	if exec 3<>/dev/tcp/127.0.0.1/8082; then break; fi 2>/dev/null
	sleep 0.1
done
printf "GET /readyz HTTP/1.0\r\n\r\n" >&3
cat <&3
nodobridge --config /etc/nodobridge/config.yaml keys list
stat -c "%U %a %n" /etc/nodobridge/config.yaml /var/lib/nodobridge/store
kill -TERM $(pidof nodobridge)
wait
dpkg -r nodobridge
test -e /var/lib/nodobridge/store/nodobridge.db && echo "removed, the store stays"
'

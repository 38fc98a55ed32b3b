#!/bin/sh
# Walks the upgrade and the way back that docs/operations.md describes, with two packages
# of which the newer one has a newer schema, in an overlay of this machine:
# rollback.sh OLD.deb NEW.deb WORK. To be run in new mount, network and process namespaces.
set -eu
old=$1
new=$2
work=$3
mount -t tmpfs tmpfs "$work"
mkdir "$work/up" "$work/odd" "$work/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/up,workdir=$work/odd" "$work/root"
mount -t proc proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
ip link set lo up
cp "$old" "$work/root/root/old.deb"
cp "$new" "$work/root/root/new.deb"
exec chroot "$work/root" /bin/bash -eu -c '
api=http://127.0.0.1:8081/gpd/debt-positions-service/v1/organizations/77777777777/debtpositions
command=$(dpkg-deb --fsys-tarfile /root/old.deb | tar -xO ./usr/lib/systemd/system/nodobridge.service | sed -n "s/^ExecStart=//p")
start() {
	runuser -u nodobridge -- $command 2>>/root/log &
	for attempt in $(seq 300); do
		if curl -sf --noproxy "*" http://127.0.0.1:8082/readyz >/dev/null; then return; fi
		sleep 0.1
	done
	cat /root/log; exit 1
}
stop() { kill -TERM $(pidof nodobridge); wait; }
ask() { # METHOD PATH [BODY]
	curl -s --noproxy "*" -o /dev/null -w "%{http_code}" -X "$1" -H "Ocp-Apim-Subscription-Key: $key" -H "Content-Type: application/json" ${3:+--data "$3"} "$api$2"
}
position() { echo "{\"iupd\":\"P-$1\",\"type\":\"F\",\"fiscalCode\":\"RSSMRA80A01H501U\",\"fullName\":\"Mario Rossi\",\"companyName\":\"Comune di Prova\",\"switchToExpired\":false,\"paymentOption\":[{\"iuv\":\"0200000000000$1\",\"amount\":100,\"description\":\"x\",\"isPartialPayment\":false,\"dueDate\":\"2099-01-01T00:00:00\",\"transfer\":[{\"idTransfer\":\"1\",\"amount\":100,\"remittanceInformation\":\"x\",\"category\":\"9/0101108TS/\",\"iban\":\"IT60X0542811101000000123456\"}]}]}"; }

dpkg -i /root/old.deb
start
key=$(nodobridge --config /etc/nodobridge/config.yaml keys create --name walk --ec 77777777777)
echo "old: upload $(ask POST "?toPublish=true" "$(position 4535)")"
stop

dpkg -i /root/new.deb
start
echo "new: read $(ask GET /P-4535), upload $(ask POST "?toPublish=true" "$(position 4636)")"
stop

dpkg -i /root/old.deb
runuser -u nodobridge -- $command >/root/refused 2>&1 && code=0 || code=$?
echo "old on the new store: exit $code"

cd /var/lib/nodobridge/store
mkdir newer && mv nodobridge.db* newer/
cp -p before-migration-*/nodobridge.db .
start
echo "old again: read $(ask GET /P-4535), the later one $(ask GET /P-4636)"
stop
runuser -u nodobridge -- nodobridge --config /etc/nodobridge/config.yaml verify | tail -n 1

dpkg -i /root/new.deb
start
echo "new again: read $(ask GET /P-4535)"
stop
runuser -u nodobridge -- nodobridge --config /etc/nodobridge/config.yaml verify | tail -n 1
'

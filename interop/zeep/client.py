#!/usr/bin/python3
"""zeep (Python) plays the node against a station: verify, activate, receipt, verify again.

The interpreter is Debian's (/usr/bin/python3), because python3-zeep is a Debian
package: another python3 earlier in PATH would not see it.

stdout: exactly one JSON line. Any failure: one line on stderr and exit status 1.
"""

import argparse
import datetime
import json
import sys
from decimal import Decimal

import zeep
from zeep.helpers import serialize_object
from zeep.transports import Transport

# The node calls a V1 station with the first row, a V2 station with the second.
OPERATIONS = {1: ("paGetPayment", "paSendRT"), 2: ("paGetPaymentV2", "paSendRTV2")}


class Lost(Exception):
    """An answer that zeep accepted although it does not say what it must."""


def need(condition, message):
    if not condition:
        raise Lost(message)


def mandatory(where, record, *names):
    """A field the stack dropped on the floor shows up as None: that is our failure."""
    need(isinstance(record, dict), f"{where} is missing")
    for name in names:
        need(record.get(name) not in (None, ""), f"{where}.{name} is missing")


def pruned(value):
    """zeep materialises every optional element as None; keep only what was said."""
    if isinstance(value, dict):
        return {k: pruned(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [pruned(v) for v in value]
    return value


def plain(value):
    """JSON form of what zeep decoded; amounts keep their two decimals."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        raise TypeError("binary data is not part of the report")
    return value


def report(record, *names):
    return {n: plain(record[n]) for n in names if n in record}


def metadata(record):
    entries = record.get("metadata", {}).get("mapEntry", [])
    return {"metadata": {e["key"]: e["value"] for e in entries}} if entries else {}


def amount(where, value):
    """Decimal('120.0') equals Decimal('120.00'), but only the second is an amount."""
    need(value.as_tuple().exponent == -2, f"{where} '{value}' is not units.cents")


def read_verify(answer):
    mandatory("verify", answer, "outcome")
    need(answer["outcome"] == "OK", f"verify answered {answer}")
    mandatory("verify", answer, "paymentList", "paymentDescription", "fiscalCodePA", "companyName")
    need("fault" not in answer, "verify OK carries a fault")
    option = answer["paymentList"].get("paymentOptionDescription")
    mandatory("verify.paymentOptionDescription", option, "amount", "options", "allCCP")
    amount("verify.amount", option["amount"])
    return {
        **report(answer, "outcome", "paymentDescription", "fiscalCodePA", "companyName", "officeName"),
        **report(option, "amount", "options", "dueDate", "detailDescription", "allCCP"),
    }


def read_activate(answer):
    mandatory("activate", answer, "outcome")
    need(answer["outcome"] == "OK", f"activate answered {answer}")
    need("fault" not in answer, "activate OK carries a fault")
    mandatory("activate", answer, "data")
    data = answer["data"]
    mandatory("activate.data", data, "creditorReferenceId", "paymentAmount", "dueDate",
              "description", "companyName", "debtor", "transferList")
    debtor = data["debtor"]
    mandatory("debtor", debtor, "uniqueIdentifier", "fullName")
    identifier = debtor["uniqueIdentifier"]
    mandatory("debtor.uniqueIdentifier", identifier,
              "entityUniqueIdentifierType", "entityUniqueIdentifierValue")
    transfers = data["transferList"].get("transfer") or []
    need(transfers, "no transfer was read")
    rows = []
    for t in transfers:
        mandatory("transfer", t, "idTransfer", "transferAmount", "fiscalCodePA",
                  "remittanceInformation", "transferCategory")
        amount("transferAmount", t["transferAmount"])
        need(("IBAN" in t) != ("richiestaMarcaDaBollo" in t), "transfer without exactly one of IBAN and bollo")
        row = report(t, "idTransfer", "transferAmount", "fiscalCodePA", "companyName", "IBAN",
                     "remittanceInformation", "transferCategory")
        if "richiestaMarcaDaBollo" in t:
            row["bollo"] = t["richiestaMarcaDaBollo"]["tipoBollo"]
        rows.append({**row, **metadata(t)})
    amount("paymentAmount", data["paymentAmount"])
    total = sum(t["transferAmount"] for t in transfers)
    need(total == data["paymentAmount"], f"transfers sum to {total}, paymentAmount is {data['paymentAmount']}")
    return {
        "outcome": answer["outcome"],
        **report(data, "creditorReferenceId", "paymentAmount", "dueDate", "lastPayment",
                 "description", "companyName", "officeName"),
        "debtor": {
            "type": identifier["entityUniqueIdentifierType"],
            "value": identifier["entityUniqueIdentifierValue"],
            **{k: v for k, v in debtor.items() if k != "uniqueIdentifier"},
        },
        "transfers": rows,
        **metadata(data),
    }


def build_receipt(args, data):
    """The receipt the node would send: the activation echoed, plus the PSP's part."""
    now = datetime.datetime.now(datetime.timezone.utc)
    transfers = []
    for t in data["transferList"]["transfer"]:
        t = dict(t)
        if t.pop("richiestaMarcaDaBollo", None):
            t["MBDAttachment"] = b"<marcaDaBollo/>"  # zeep encodes base64 itself
        transfers.append(t)
    receipt = {
        "receiptId": args.receipt_id,
        "noticeNumber": args.nav,
        "fiscalCode": args.ec,
        "outcome": "OK",
        "transferList": {"transfer": transfers},
        "idPSP": "INTEROPPSP",
        "pspFiscalCode": "11111111111",
        "pspPartitaIVA": "11111111111",
        "PSPCompanyName": "Banca Interop zeep",
        "idChannel": "11111111111_01",
        "channelDescription": "interop",
        "payer": data["debtor"],
        "paymentMethod": "creditCard",
        "fee": Decimal("1.50"),
        "paymentDateTime": now,
        "applicationDate": now.date(),
        "transferDate": now.date(),
        "standIn": False,
    }
    for name in ("creditorReferenceId", "paymentAmount", "description", "companyName",
                 "officeName", "debtor", "metadata"):
        if name in data:
            receipt[name] = data[name]
    if args.version == 2:
        receipt.update(paymentNote="interop", primaryCiIncurredFee=Decimal("0.10"),
                       idBundle="bundle", idCiBundle="ci-bundle")
    return receipt


def run(args):
    # strict: an element the WSDL does not announce, or in the wrong place, is an error.
    client = zeep.Client(args.wsdl, settings=zeep.Settings(strict=True),
                         transport=Transport(timeout=30, operation_timeout=30))
    party = {"idPA": args.ec, "idBrokerPA": args.broker, "idStation": args.station}
    notice = {**party, "qrCode": {"fiscalCode": args.ec, "noticeNumber": args.nav}}
    get, send = OPERATIONS[args.version]

    def call(name, **body):
        return pruned(serialize_object(getattr(client.service, name)(**body), dict))

    verify = read_verify(call("paVerifyPaymentNotice", **notice))
    answer = call(get, **notice, amount=Decimal(verify["amount"]), paymentNote="interop")
    activate = read_activate(answer)

    sent = call(send, **party, receipt=build_receipt(args, answer["data"]))
    mandatory("receipt", sent, "outcome")
    need(sent["outcome"] == "OK", f"receipt answered {sent}")

    again = call("paVerifyPaymentNotice", **notice)
    mandatory("verifyAgain", again, "outcome", "fault")
    fault = again["fault"]
    mandatory("verifyAgain.fault", fault, "faultCode", "faultString", "id")
    need(again["outcome"] == "KO" and fault["faultCode"] == "PAA_PAGAMENTO_DUPLICATO",
         f"second verify answered {again}")
    return {
        "client": "zeep",
        "version": args.version,
        "verify": verify,
        "activate": activate,
        "receipt": {"outcome": sent["outcome"]},
        "verifyAgain": {"outcome": again["outcome"],
                        **report(fault, "faultCode", "faultString", "id", "description")},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for flag in ("wsdl", "ec", "broker", "station", "nav", "receipt-id"):
        parser.add_argument("--" + flag, required=True)
    parser.add_argument("--version", type=int, choices=(1, 2), required=True)
    try:
        result = run(parser.parse_args())
    except Exception as error:  # the report is for a person: the class says which layer refused
        print(f"zeep: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The node's part of a payment, for the Python stacks: verify, activate, receipt, verify again.

Each stack's client.py brings `connect`, which gives `call(operation, body)`: a body of plain
dictionaries in, one out, with absent elements left out. Leaf values stay what the stack made of
them, because that is what is on trial.
"""

import argparse
import datetime
import json
import sys
from decimal import Decimal

# The node calls a V1 station with the first row, a V2 station with the second.
OPERATIONS = {1: ("paGetPayment", "paSendRT"), 2: ("paGetPaymentV2", "paSendRTV2")}


class Lost(Exception):
    """An answer that the stack accepted although it does not say what it must."""


def need(condition, message):
    if not condition:
        raise Lost(message)


def mandatory(where, record, *names):
    """A field the stack dropped on the floor is absent: that is our failure."""
    need(isinstance(record, dict), f"{where} is missing")
    for name in names:
        need(record.get(name) not in (None, ""), f"{where}.{name} is missing")


def plain(value):
    """JSON form of what the stack decoded; amounts keep their two decimals."""
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
    """'120.0' equals '120.00' as a number, but only the second is an amount."""
    number = Decimal(value)
    need(number.as_tuple().exponent == -2, f"{where} '{value}' is not units.cents")
    return number


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


def read_transfer(t):
    mandatory("transfer", t, "idTransfer", "transferAmount", "fiscalCodePA",
              "remittanceInformation", "transferCategory")
    need(("IBAN" in t) != ("richiestaMarcaDaBollo" in t), "transfer without exactly one of IBAN and bollo")
    row = report(t, "transferAmount", "fiscalCodePA", "companyName", "IBAN",
                 "remittanceInformation", "transferCategory")
    if "richiestaMarcaDaBollo" in t:
        row["bollo"] = t["richiestaMarcaDaBollo"]["tipoBollo"]
    # An enumerated integer is text to some stacks.
    return {"idTransfer": int(t["idTransfer"]), **row, **metadata(t)}


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
    rows = [read_transfer(t) for t in transfers]
    total = sum(amount("transferAmount", t["transferAmount"]) for t in transfers)
    need(total == amount("paymentAmount", data["paymentAmount"]),
         f"transfers sum to {total}, paymentAmount is {data['paymentAmount']}")
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


def build_receipt(name, args, data):
    """The receipt the node would send: the activation echoed, plus the PSP's part."""
    now = datetime.datetime.now(datetime.timezone.utc)
    transfers = []
    for t in data["transferList"]["transfer"]:
        t = dict(t)
        if t.pop("richiestaMarcaDaBollo", None):
            t["MBDAttachment"] = b"<marcaDaBollo/>"
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
        "PSPCompanyName": f"Banca Interop {name}",
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
    for echoed in ("creditorReferenceId", "paymentAmount", "description", "companyName",
                   "officeName", "debtor", "metadata"):
        if echoed in data:
            receipt[echoed] = data[echoed]
    if args.version == 2:
        receipt.update(paymentNote="interop", primaryCiIncurredFee=Decimal("0.10"),
                       idBundle="bundle", idCiBundle="ci-bundle")
    return receipt


def pay(name, call, args):
    party = {"idPA": args.ec, "idBrokerPA": args.broker, "idStation": args.station}
    notice = {**party, "qrCode": {"fiscalCode": args.ec, "noticeNumber": args.nav}}
    get, send = OPERATIONS[args.version]

    verify = read_verify(call("paVerifyPaymentNotice", notice))
    answer = call(get, {**notice, "amount": Decimal(verify["amount"]), "paymentNote": "interop"})
    activate = read_activate(answer)

    sent = call(send, {**party, "receipt": build_receipt(name, args, answer["data"])})
    mandatory("receipt", sent, "outcome")
    need(sent["outcome"] == "OK", f"receipt answered {sent}")

    again = call("paVerifyPaymentNotice", notice)
    mandatory("verifyAgain", again, "outcome", "fault")
    fault = again["fault"]
    mandatory("verifyAgain.fault", fault, "faultCode", "faultString", "id")
    need(again["outcome"] == "KO" and fault["faultCode"] == "PAA_PAGAMENTO_DUPLICATO",
         f"second verify answered {again}")
    return {
        "client": name,
        "version": args.version,
        "verify": verify,
        "activate": activate,
        "receipt": {"outcome": sent["outcome"]},
        "verifyAgain": {"outcome": again["outcome"],
                        **report(fault, "faultCode", "faultString", "id", "description")},
    }


def main(name, connect):
    """stdout: exactly one JSON line. Any failure: one line on stderr and status 1."""
    parser = argparse.ArgumentParser(description=f"{name} plays the node against a station")
    for flag in ("wsdl", "ec", "broker", "station", "nav", "receipt-id"):
        parser.add_argument("--" + flag, required=True)
    parser.add_argument("--version", type=int, choices=(1, 2), required=True)
    args = parser.parse_args()
    try:
        result = pay(name, connect(args.wsdl), args)
    except Exception as error:  # the report is for a person: the class says which layer refused
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(json.dumps(result, ensure_ascii=False))
    return 0

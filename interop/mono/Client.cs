// Mono's System.Web.Services plays the node against a station: verify, activate, receipt,
// verify again. The proxy is made by Mono's own wsdl tool from ?wsdl (run.sh).
//
// stdout: exactly one JSON line. Any failure: one line on stderr and exit status 1.
//
// V1 and V2 have types of their own with mostly the same members: `dynamic` lets one
// text serve both, and a member that the WSDL no longer has fails at run time.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

sealed class Lost : Exception {
    public Lost(string message) : base(message) {}
}

sealed class Record : List<KeyValuePair<string, object>> {
    // Say leaves out what the station left out.
    public Record Say(string name, object value) {
        if (value != null) Add(new KeyValuePair<string, object>(name, value));
        return this;
    }
}

static class Json {
    public static string Of(object value) {
        if (value is string) return Quoted((string) value);
        if (value is bool) return (bool) value ? "true" : "false";
        if (value is int) return ((int) value).ToString(CultureInfo.InvariantCulture);
        if (value is Record)
            return "{" + string.Join(",", ((Record) value).Select(m => Quoted(m.Key) + ":" + Of(m.Value))) + "}";
        if (value is List<Record>) return "[" + string.Join(",", ((List<Record>) value).Select(Of)) + "]";
        throw new ArgumentException("no JSON form of " + value.GetType());
    }

    static string Quoted(string text) {
        var b = new StringBuilder("\"");
        foreach (char c in text)
            if (c == '"' || c == '\\' || c < ' ') b.AppendFormat("\\u{0:x4}", (int) c);
            else b.Append(c);
        return b.Append('"').ToString();
    }
}

static class Client {
    static void Need(bool condition, string message) {
        if (!condition) throw new Lost(message);
    }

    // Mandatory: XmlSerializer never checks minOccurs, a lost element is simply null.
    static void Mandatory(string where, params object[] values) {
        for (int i = 0; i < values.Length; i++)
            Need(values[i] != null && values[i] as string != "", where + ": mandatory element " + i + " is missing");
    }

    // Amount: a System.Decimal remembers its scale, 120.0 is not 120.00.
    static string Amount(decimal amount) {
        Need((decimal.GetBits(amount)[3] >> 16 & 0xff) == 2, "amount '" + amount + "' is not units.cents");
        return amount.ToString(CultureInfo.InvariantCulture);
    }

    static string Day(DateTime date) {
        Need(date.TimeOfDay == TimeSpan.Zero, "date " + date + " has a time");
        return date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    static Record Metadata(ctMapEntry[] entries) {
        if (entries == null) return null;
        var record = new Record();
        foreach (var entry in entries) record.Say(entry.key, entry.value);
        return record;
    }

    static Record ReadVerify(paVerifyPaymentNoticeRes answer) {
        Need(answer.outcome == stOutcome.OK, "verify answered " + answer.outcome);
        Need(answer.fault == null, "verify OK carries a fault");
        Mandatory("verify", answer.paymentList, answer.paymentDescription, answer.fiscalCodePA, answer.companyName);
        var option = answer.paymentList.paymentOptionDescription;
        Mandatory("verify.paymentList", option);
        return new Record().Say("outcome", answer.outcome.ToString())
            .Say("paymentDescription", answer.paymentDescription).Say("fiscalCodePA", answer.fiscalCodePA)
            .Say("companyName", answer.companyName).Say("officeName", answer.officeName)
            .Say("amount", Amount(option.amount)).Say("options", option.options.ToString())
            .Say("dueDate", option.dueDateSpecified ? Day(option.dueDate) : null)
            .Say("detailDescription", option.detailDescription).Say("allCCP", option.allCCP);
    }

    static Record ReadTransfer(dynamic t, int version) {
        Mandatory("transfer", t.fiscalCodePA, t.remittanceInformation, t.transferCategory);
        object account = version == 1 ? t.IBAN : t.Item;
        Mandatory("transfer's IBAN or bollo", account);
        var stamp = account as ctRichiestaMarcaDaBollo;
        var row = new Record().Say("idTransfer", t.idTransfer).Say("transferAmount", Amount(t.transferAmount))
            .Say("fiscalCodePA", t.fiscalCodePA).Say("IBAN", account as string)
            .Say("remittanceInformation", t.remittanceInformation).Say("transferCategory", t.transferCategory)
            .Say("metadata", Metadata(t.metadata));
        if (version == 2) row.Say("companyName", t.companyName);
        if (stamp != null) {
            Mandatory("bollo", stamp.hashDocumento, stamp.provinciaResidenza);
            row.Say("bollo", stamp.tipoBollo == stTipoBolloDigitale.Item01 ? "01" : "?");
        }
        return row;
    }

    static Record ReadDebtor(ctSubject debtor) {
        Mandatory("debtor", debtor);
        Mandatory("debtor", debtor.uniqueIdentifier, debtor.fullName);
        Mandatory("debtor.uniqueIdentifier", debtor.uniqueIdentifier.entityUniqueIdentifierValue);
        return new Record().Say("type", debtor.uniqueIdentifier.entityUniqueIdentifierType.ToString())
            .Say("value", debtor.uniqueIdentifier.entityUniqueIdentifierValue).Say("fullName", debtor.fullName)
            .Say("streetName", debtor.streetName).Say("civicNumber", debtor.civicNumber)
            .Say("postalCode", debtor.postalCode).Say("city", debtor.city)
            .Say("stateProvinceRegion", debtor.stateProvinceRegion).Say("country", debtor.country)
            .Say("e-mail", debtor.email);
    }

    static Record ReadActivate(dynamic answer, int version) {
        Need(answer.outcome == stOutcome.OK, "activate answered " + answer.outcome);
        Need(answer.fault == null, "activate OK carries a fault");
        Mandatory("activate", answer.data);
        dynamic data = answer.data;
        Mandatory("activate.data", data.creditorReferenceId, data.description, data.companyName, data.transferList);
        var transfers = new List<Record>();
        decimal sum = 0;
        foreach (dynamic t in data.transferList) {
            transfers.Add(ReadTransfer(t, version));
            sum += t.transferAmount;
        }
        Need(transfers.Count > 0, "no transfer was read");
        Need(sum == data.paymentAmount, "the transfers do not sum to paymentAmount");
        return new Record().Say("outcome", answer.outcome.ToString())
            .Say("creditorReferenceId", data.creditorReferenceId).Say("paymentAmount", Amount(data.paymentAmount))
            .Say("dueDate", Day(data.dueDate)).Say("lastPayment", data.lastPaymentSpecified ? (object) data.lastPayment : null)
            .Say("description", data.description).Say("companyName", data.companyName).Say("officeName", data.officeName)
            .Say("debtor", ReadDebtor(data.debtor)).Say("transfers", transfers).Say("metadata", Metadata(data.metadata));
    }

    // Fill echoes the activation and adds the PSP's part, on either version's type.
    static void Fill(dynamic receipt, dynamic data, Dictionary<string, string> args) {
        receipt.receiptId = args["receipt-id"];
        receipt.noticeNumber = args["nav"];
        receipt.fiscalCode = args["ec"];
        receipt.outcome = stOutcome.OK;
        receipt.creditorReferenceId = data.creditorReferenceId;
        receipt.paymentAmount = data.paymentAmount;
        receipt.description = data.description;
        receipt.companyName = data.companyName;
        receipt.officeName = data.officeName;
        receipt.debtor = receipt.payer = data.debtor;
        receipt.metadata = data.metadata;
        receipt.idPSP = "INTEROPPSP";
        receipt.pspFiscalCode = receipt.pspPartitaIVA = "11111111111";
        receipt.PSPCompanyName = "Banca Interop mono";
        receipt.idChannel = "11111111111_01";
        receipt.channelDescription = "interop";
        receipt.paymentMethod = "creditCard";
        receipt.fee = 1.50m;
        receipt.paymentDateTime = DateTime.UtcNow;
        receipt.applicationDate = receipt.transferDate = DateTime.UtcNow.Date;
        receipt.standIn = false;
        receipt.feeSpecified = receipt.paymentDateTimeSpecified = receipt.applicationDateSpecified =
            receipt.transferDateSpecified = receipt.standInSpecified = true;
    }

    static ctTransferPAReceiptV2 Paid(ctTransferPAV2 t) {
        return new ctTransferPAReceiptV2 {
            idTransfer = t.idTransfer, transferAmount = t.transferAmount, fiscalCodePA = t.fiscalCodePA,
            companyName = t.companyName, remittanceInformation = t.remittanceInformation,
            transferCategory = t.transferCategory, metadata = t.metadata,
            Item = t.Item is string ? t.Item : Encoding.UTF8.GetBytes("<marcaDaBollo/>"),
        };
    }

    static stOutcome SendReceipt(paForNodeService station, dynamic data, int version, Dictionary<string, string> args) {
        if (version == 1) {
            var receipt = new ctReceipt {transferList = data.transferList};
            Fill(receipt, data, args);
            return station.paSendRT(new paSendRTReq {
                idPA = args["ec"], idBrokerPA = args["broker"], idStation = args["station"], receipt = receipt}).outcome;
        }
        var receiptV2 = new ctReceiptV2 {
            transferList = ((ctTransferPAV2[]) data.transferList).Select(Paid).ToArray(),
            paymentNote = "interop", primaryCiIncurredFee = 0.10m, primaryCiIncurredFeeSpecified = true,
            idBundle = "bundle", idCiBundle = "ci-bundle"};
        Fill(receiptV2, data, args);
        return station.paSendRTV2(new paSendRTV2Request {
            idPA = args["ec"], idBrokerPA = args["broker"], idStation = args["station"], receipt = receiptV2}).outcome;
    }

    static Record ReadAgain(paVerifyPaymentNoticeRes again) {
        Mandatory("verifyAgain", again.fault);
        Mandatory("verifyAgain.fault", again.fault.faultCode, again.fault.faultString, again.fault.id);
        Need(again.outcome == stOutcome.KO && again.fault.faultCode == "PAA_PAGAMENTO_DUPLICATO",
            "second verify answered " + again.outcome + " " + again.fault.faultCode);
        return new Record().Say("outcome", again.outcome.ToString()).Say("faultCode", again.fault.faultCode)
            .Say("faultString", again.fault.faultString).Say("id", again.fault.id).Say("description", again.fault.description);
    }

    static Record Pay(Dictionary<string, string> args) {
        int version = int.Parse(args["version"]);
        var station = new paForNodeService {Timeout = 30000}; // its address is the WSDL's
        var notice = new ctQrCode {fiscalCode = args["ec"], noticeNumber = args["nav"]};
        var asked = new paVerifyPaymentNoticeReq {
            idPA = args["ec"], idBrokerPA = args["broker"], idStation = args["station"], qrCode = notice};

        var verified = station.paVerifyPaymentNotice(asked);
        var verify = ReadVerify(verified);
        decimal amount = verified.paymentList.paymentOptionDescription.amount;
        dynamic activated;
        if (version == 1)
            activated = station.paGetPayment(new paGetPaymentReq {
                idPA = asked.idPA, idBrokerPA = asked.idBrokerPA, idStation = asked.idStation, qrCode = notice,
                amount = amount, amountSpecified = true, paymentNote = "interop"});
        else
            activated = station.paGetPaymentV2(new paGetPaymentV2Request {
                idPA = asked.idPA, idBrokerPA = asked.idBrokerPA, idStation = asked.idStation, qrCode = notice,
                amount = amount, amountSpecified = true, paymentNote = "interop"});
        Record activate = ReadActivate(activated, version);

        stOutcome sent = SendReceipt(station, activated.data, version, args);
        Need(sent == stOutcome.OK, "receipt answered " + sent);
        return new Record().Say("client", "mono").Say("version", version).Say("verify", verify)
            .Say("activate", activate).Say("receipt", new Record().Say("outcome", sent.ToString()))
            .Say("verifyAgain", ReadAgain(station.paVerifyPaymentNotice(asked)));
    }

    static int Main(string[] argv) {
        try {
            var args = new Dictionary<string, string>();
            for (int i = 0; i + 1 < argv.Length; i += 2) args[argv[i].TrimStart('-')] = argv[i + 1];
            string line = Json.Of(Pay(args));
            using (var stdout = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)))
                stdout.Write(line + "\n");
            return 0;
        } catch (Exception error) { // the class says which layer refused
            var cause = error.InnerException == null ? "" : " (" + error.InnerException.Message + ")";
            Console.Error.WriteLine("mono: " + error.GetType().Name + ": " + error.Message + cause);
            return 1;
        }
    }
}

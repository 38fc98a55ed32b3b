// gSOAP (C++) plays the node against a station: verify, activate, receipt, verify again.
// The proxy is generated from ?wsdl in strict mode (run.sh): an unknown, missing or
// misplaced element, or a value outside its facets, is gSOAP's own error.
//
// stdout: exactly one JSON line. Any failure: one line on stderr and exit status 1.
//
// V1 and V2 have types of their own with mostly the same members; templates let one text
// serve both. Optional elements are null pointers.

#include <cstdio>
#include <ctime>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "paForNodeBinding.nsmap"
#include "soappaForNodeBindingProxy.h"

using std::string;

static void need(bool condition, const string &message) {
    if (!condition) throw std::runtime_error("Lost: " + message);
}

static string quoted(const string &text) {
    string out = "\"";
    for (unsigned char c : text) {
        char escaped[8];
        if (c == '"' || c == '\\' || c < ' ') {
            snprintf(escaped, sizeof escaped, "\\u%04x", c);
            out += escaped;
        } else {
            out += static_cast<char>(c);
        }
    }
    return out + '"';
}

// Record is a JSON object that leaves out what the station left out.
class Record {
    string members;

public:
    Record &raw(const string &name, const string &json) {
        members += (members.empty() ? "" : ",") + quoted(name) + ":" + json;
        return *this;
    }
    Record &say(const string &name, const string &value) { return raw(name, quoted(value)); }
    Record &say(const string &name, const string *value) { return value ? say(name, *value) : *this; }
    Record &say(const string &name, const char *value) { return say(name, string(value)); }
    Record &say(const string &name, bool value) { return raw(name, value ? "true" : "false"); }
    Record &say(const string &name, const bool *value) { return value ? say(name, *value) : *this; }
    Record &say(const string &name, int value) { return raw(name, std::to_string(value)); }
    Record &say(const string &name, const Record &value) { return raw(name, value.json()); }
    string json() const { return "{" + members + "}"; }
};

// cents reads the text of an amount, without floating point.
static long long cents(const string &amount) {
    size_t point = amount.find('.');
    need(point != string::npos && point > 0 && amount.size() == point + 3, "amount '" + amount + "' is not units.cents");
    return std::stoll(amount.substr(0, point) + amount.substr(point + 1));
}

static void metadata(Record &to, const common__ctMetadata *from) {
    if (!from) return;
    Record entries;
    for (const common__ctMapEntry *e : from->mapEntry) entries.say(e->key, e->value);
    to.say("metadata", entries);
}

struct Arguments : std::map<string, string> {
    Arguments(int argc, char **argv) {
        for (int i = 1; i + 1 < argc; i += 2) (*this)[string(argv[i]).substr(2)] = argv[i + 1];
    }
    int version() const { return at("version") == "1" ? 1 : 2; }
};

class Node {
    const Arguments &args;
    paForNodeBindingProxy station;
    struct soap *soap;

    void call(int status) {
        if (status == SOAP_OK) return;
        std::ostringstream text;
        station.soap_stream_fault(text);
        string line = text.str();
        for (char &c : line)
            if (c == '\n') c = ' ';
        throw std::runtime_error("gSOAP: " + line);
    }

    template <class T> T *addressed(T *request) {
        request->idPA = args.at("ec");
        request->idBrokerPA = args.at("broker");
        request->idStation = args.at("station");
        return request;
    }

    template <class T> T *about(T *request) {
        request->qrCode = soap_new_pa__ctQrCode(soap);
        request->qrCode->fiscalCode = args.at("ec");
        request->qrCode->noticeNumber = args.at("nav");
        return addressed(request);
    }

    string *copy(const string &text) {
        string *out = soap_new_std__string(soap);
        *out = text;
        return out;
    }

    template <class A> void fine(const A &answer, const string &what) {
        need(answer.outcome == common__stOutcome__OK, what + " answered KO");
        need(!answer.fault, what + " OK carries a fault");
    }

    Record verify(string &amount) {
        pa__paVerifyPaymentNoticeRes answer;
        call(station.paVerifyPaymentNotice(about(soap_new_pa__paVerifyPaymentNoticeReq(soap)), answer));
        fine(answer, "verify");
        need(answer.paymentList && answer.paymentDescription && answer.fiscalCodePA && answer.companyName,
             "verify: a mandatory element is missing");
        const pa__ctPaymentOptionDescriptionPA *option = answer.paymentList->paymentOptionDescription;
        need(option, "verify.paymentOptionDescription is missing");
        cents(option->amount);
        amount = option->amount;
        return Record().say("outcome", "OK").say("paymentDescription", answer.paymentDescription)
            .say("fiscalCodePA", answer.fiscalCodePA).say("companyName", answer.companyName)
            .say("officeName", answer.officeName).say("amount", option->amount)
            .say("options", soap_pa__stAmountOption2s(soap, option->options)).say("dueDate", option->dueDate)
            .say("detailDescription", option->detailDescription).say("allCCP", option->allCCP);
    }

    static void account(Record &row, const pa__ctTransferPA *t) { row.say("IBAN", t->IBAN); }

    void account(Record &row, const pa__ctTransferPAV2 *t) {
        row.say("companyName", t->companyName);
        if (t->__union_ctTransferPAV2 == SOAP_UNION__pa__union_ctTransferPAV2_IBAN) {
            row.say("IBAN", t->union_ctTransferPAV2.IBAN);
            return;
        }
        need(t->__union_ctTransferPAV2 == SOAP_UNION__pa__union_ctTransferPAV2_richiestaMarcaDaBollo,
             "transfer without IBAN and bollo");
        row.say("bollo", soap_common__stTipoBolloDigitale2s(soap, t->union_ctTransferPAV2.richiestaMarcaDaBollo->tipoBollo));
    }

    static Record debtor(const pa__ctSubject *d) {
        const pa__ctEntityUniqueIdentifier *id = d->uniqueIdentifier;
        return Record().say("type", string(1, static_cast<char>(id->entityUniqueIdentifierType)))
            .say("value", id->entityUniqueIdentifierValue).say("fullName", d->fullName)
            .say("streetName", d->streetName).say("civicNumber", d->civicNumber)
            .say("postalCode", d->postalCode).say("city", d->city)
            .say("stateProvinceRegion", d->stateProvinceRegion).say("country", d->country)
            .say("e-mail", d->e_mail);
    }

    static const string *name(const string &mandatory) { return &mandatory; }
    static const string *name(const string *optional) { return optional; }

    template <class A> Record readActivate(const A &answer) {
        fine(answer, "activate");
        need(answer.data, "activate.data is missing");
        const auto &data = *answer.data;
        long long sum = 0;
        string rows;
        for (const auto *t : data.transferList->transfer) {
            Record row;
            row.say("idTransfer", static_cast<int>(t->idTransfer)).say("transferAmount", t->transferAmount)
                .say("fiscalCodePA", t->fiscalCodePA).say("remittanceInformation", t->remittanceInformation)
                .say("transferCategory", t->transferCategory);
            account(row, t);
            metadata(row, t->metadata);
            sum += cents(t->transferAmount);
            rows += (rows.empty() ? "" : ",") + row.json();
        }
        need(!rows.empty(), "no transfer was read");
        need(sum == cents(data.paymentAmount), "the transfers do not sum to paymentAmount");
        Record out;
        out.say("outcome", "OK").say("creditorReferenceId", data.creditorReferenceId)
            .say("paymentAmount", data.paymentAmount).say("dueDate", data.dueDate)
            .say("lastPayment", data.lastPayment).say("description", data.description)
            .say("companyName", name(data.companyName)).say("officeName", data.officeName)
            .say("debtor", debtor(data.debtor)).raw("transfers", "[" + rows + "]");
        metadata(out, data.metadata);
        return out;
    }

    // fill echoes the activation and adds the PSP's part, on either version's type.
    template <class R, class D> void fill(R *r, const D *data) {
        time_t now = time(nullptr);
        char today[16];
        strftime(today, sizeof today, "%Y-%m-%d", gmtime(&now));
        r->receiptId = args.at("receipt-id");
        r->noticeNumber = args.at("nav");
        r->fiscalCode = args.at("ec");
        r->outcome = common__stOutcome__OK;
        r->creditorReferenceId = data->creditorReferenceId;
        r->paymentAmount = data->paymentAmount;
        r->description = data->description;
        const string *company = name(data->companyName);
        need(company, "companyName is missing");
        r->companyName = *company;
        r->officeName = data->officeName;
        r->debtor = r->payer = data->debtor;
        r->metadata = data->metadata;
        r->idPSP = "INTEROPPSP";
        r->pspFiscalCode = r->pspPartitaIVA = copy("11111111111");
        r->PSPCompanyName = "Banca Interop gsoap";
        r->idChannel = "11111111111_01";
        r->channelDescription = "interop";
        r->paymentMethod = copy("creditCard");
        r->fee = copy("1.50");
        r->paymentDateTime = static_cast<time_t *>(soap_malloc(soap, sizeof now));
        *r->paymentDateTime = now;
        r->applicationDate = r->transferDate = copy(today);
        r->standIn = static_cast<bool *>(soap_malloc(soap, sizeof(bool)));
        *r->standIn = false;
    }

    void send(const pa__ctPaymentPA *data) {
        auto *request = addressed(soap_new_pa__paSendRTReq(soap));
        request->receipt = soap_new_pa__ctReceipt(soap);
        request->receipt->transferList = data->transferList;
        fill(request->receipt, data);
        pa__paSendRTRes answer;
        call(station.paSendRT(request, answer));
        fine(answer, "receipt");
    }

    pa__ctTransferPAReceiptV2 *paid(const pa__ctTransferPAV2 *t) {
        auto *out = soap_new_pa__ctTransferPAReceiptV2(soap);
        out->idTransfer = t->idTransfer;
        out->transferAmount = t->transferAmount;
        out->fiscalCodePA = t->fiscalCodePA;
        out->companyName = t->companyName;
        out->remittanceInformation = t->remittanceInformation;
        out->transferCategory = t->transferCategory;
        out->metadata = t->metadata;
        if (t->__union_ctTransferPAV2 == SOAP_UNION__pa__union_ctTransferPAV2_IBAN) {
            out->__union_ctTransferPAReceiptV2 = SOAP_UNION__pa__union_ctTransferPAReceiptV2_IBAN;
            out->union_ctTransferPAReceiptV2.IBAN = t->union_ctTransferPAV2.IBAN;
            return out;
        }
        static unsigned char stamp[] = "<marcaDaBollo/>";
        auto *attachment = soap_new_xsd__base64Binary(soap);
        attachment->__ptr = stamp;
        attachment->__size = sizeof stamp - 1;
        out->__union_ctTransferPAReceiptV2 = SOAP_UNION__pa__union_ctTransferPAReceiptV2_MBDAttachment;
        out->union_ctTransferPAReceiptV2.MBDAttachment = attachment;
        return out;
    }

    void send(const pa__ctPaymentPAV2 *data) {
        auto *request = addressed(soap_new_pa__paSendRTV2Request(soap));
        auto *receipt = request->receipt = soap_new_pa__ctReceiptV2(soap);
        receipt->transferList = soap_new_pa__ctTransferListPAReceiptV2(soap);
        for (const auto *t : data->transferList->transfer) receipt->transferList->transfer.push_back(paid(t));
        fill(receipt, data);
        receipt->paymentNote = copy("interop");
        receipt->primaryCiIncurredFee = copy("0.10");
        receipt->idBundle = copy("bundle");
        receipt->idCiBundle = copy("ci-bundle");
        pa__paSendRTV2Response answer;
        call(station.paSendRTV2(request, answer));
        fine(answer, "receipt");
    }

    template <class Q> Q *activation(Q *request, const string &amount) {
        request->amount = copy(amount);
        request->paymentNote = copy("interop");
        return about(request);
    }

    Record verifyAgain() {
        pa__paVerifyPaymentNoticeRes answer;
        call(station.paVerifyPaymentNotice(about(soap_new_pa__paVerifyPaymentNoticeReq(soap)), answer));
        need(answer.outcome == common__stOutcome__KO && answer.fault, "second verify is no KO");
        need(answer.fault->faultCode == "PAA_PAGAMENTO_DUPLICATO", "second verify answered " + answer.fault->faultCode);
        return Record().say("outcome", "KO").say("faultCode", answer.fault->faultCode)
            .say("faultString", answer.fault->faultString).say("id", answer.fault->id)
            .say("description", answer.fault->description);
    }

public:
    explicit Node(const Arguments &args)
        : args(args), station(SOAP_XML_STRICT | SOAP_XML_TREE | SOAP_C_UTFSTRING), soap(station.soap) {
        soap->connect_timeout = soap->send_timeout = soap->recv_timeout = 30;
    }

    Record pay() {
        string amount;
        Record out;
        out.say("client", "gsoap").say("version", args.version()).say("verify", verify(amount));
        if (args.version() == 1) {
            pa__paGetPaymentRes answer;
            call(station.paGetPayment(activation(soap_new_pa__paGetPaymentReq(soap), amount), answer));
            out.say("activate", readActivate(answer));
            send(answer.data);
        } else {
            pa__paGetPaymentV2Response answer;
            call(station.paGetPaymentV2(activation(soap_new_pa__paGetPaymentV2Request(soap), amount), answer));
            out.say("activate", readActivate(answer));
            send(answer.data);
        }
        return out.say("receipt", Record().say("outcome", "OK")).say("verifyAgain", verifyAgain());
    }
};

int main(int argc, char **argv) {
    try {
        Arguments args(argc, argv);
        std::cout << Node(args).pay().json() << std::endl;
        return 0;
    } catch (const std::exception &error) {
        std::cerr << "gsoap: " << error.what() << std::endl;
        return 1;
    }
}

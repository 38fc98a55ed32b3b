import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import javax.xml.datatype.DatatypeFactory;
import pafornode.CtPaymentPAV2;
import pafornode.CtReceiptV2;
import pafornode.CtTransferListPAReceiptV2;
import pafornode.CtTransferPAReceiptV2;
import pafornode.CtTransferPAV2;
import pafornode.PaForNode;
import pafornode.PaGetPaymentV2Request;
import pafornode.PaGetPaymentV2Response;
import pafornode.PaSendRTV2Request;
import pafornode.PaSendRTV2Response;
import pafornode.StOutcome;

/** paGetPaymentV2 and paSendRTV2. */
final class PaymentV2 implements Client.Payment {
    private final PaForNode port;
    private final Options options;
    private CtPaymentPAV2 data;

    PaymentV2(PaForNode port, Options options) {
        this.port = port;
        this.options = options;
    }

    @Override
    public Report activate(BigDecimal amount) {
        PaGetPaymentV2Request request = new PaGetPaymentV2Request();
        request.setIdPA(options.ec);
        request.setIdBrokerPA(options.broker);
        request.setIdStation(options.station);
        request.setQrCode(Client.qrCode(options));
        request.setAmount(amount);
        request.setPaymentNote("interop");
        PaGetPaymentV2Response answer = port.paGetPaymentV2(request);
        String outcome = Report.ok("activate", answer.getOutcome(), answer.getFault());
        data = Check.present("activate.data", answer.getData());
        Check.present("activate.transferList", data.getTransferList());
        List<Report> transfers = new ArrayList<>();
        BigDecimal sum = BigDecimal.ZERO;
        for (CtTransferPAV2 t : data.getTransferList().getTransfer()) {
            transfers.add(read(t));
            sum = sum.add(t.getTransferAmount());
        }
        Check.that(!transfers.isEmpty(), "no transfer was read");
        Report report = new Report()
            .add("outcome", outcome)
            .must("creditorReferenceId", data.getCreditorReferenceId())
            .must("paymentAmount", data.getPaymentAmount())
            .must("dueDate", data.getDueDate())
            .add("lastPayment", data.isLastPayment())
            .must("description", data.getDescription())
            .must("companyName", data.getCompanyName())
            .add("officeName", data.getOfficeName())
            .add("debtor", Report.debtor(data.getDebtor()))
            .add("transfers", transfers)
            .add("metadata", Report.metadata(data.getMetadata()));
        Check.that(sum.compareTo(data.getPaymentAmount()) == 0,
            "transfers sum to " + sum + ", paymentAmount is " + data.getPaymentAmount());
        return report;
    }

    private static Report read(CtTransferPAV2 t) {
        Check.that((t.getIBAN() == null) != (t.getRichiestaMarcaDaBollo() == null),
            "transfer without exactly one of IBAN and bollo");
        return new Report()
            .must("idTransfer", t.getIdTransfer())
            .must("transferAmount", t.getTransferAmount())
            .must("fiscalCodePA", t.getFiscalCodePA())
            .add("companyName", t.getCompanyName())
            .add("IBAN", t.getIBAN())
            .add("bollo", t.getRichiestaMarcaDaBollo() == null ? null : t.getRichiestaMarcaDaBollo().getTipoBollo())
            .must("remittanceInformation", t.getRemittanceInformation())
            .must("transferCategory", t.getTransferCategory())
            .add("metadata", Report.metadata(t.getMetadata()));
    }

    @Override
    public String sendReceipt() throws Exception {
        PaSendRTV2Request request = new PaSendRTV2Request();
        request.setIdPA(options.ec);
        request.setIdBrokerPA(options.broker);
        request.setIdStation(options.station);
        request.setReceipt(receipt());
        PaSendRTV2Response answer = port.paSendRTV2(request);
        return Report.ok("receipt", answer.getOutcome(), answer.getFault());
    }

    /** The receipt the node would send: the activation echoed, plus the PSP's part. */
    private CtReceiptV2 receipt() throws Exception {
        CtTransferListPAReceiptV2 transfers = new CtTransferListPAReceiptV2();
        for (CtTransferPAV2 t : data.getTransferList().getTransfer()) {
            transfers.getTransfer().add(paid(t));
        }
        DatatypeFactory dates = DatatypeFactory.newInstance();
        CtReceiptV2 receipt = new CtReceiptV2();
        receipt.setReceiptId(options.receiptId);
        receipt.setNoticeNumber(options.nav);
        receipt.setFiscalCode(options.ec);
        receipt.setOutcome(StOutcome.OK);
        receipt.setCreditorReferenceId(data.getCreditorReferenceId());
        receipt.setPaymentAmount(data.getPaymentAmount());
        receipt.setDescription(data.getDescription());
        receipt.setCompanyName(data.getCompanyName());
        receipt.setOfficeName(data.getOfficeName());
        receipt.setDebtor(data.getDebtor());
        receipt.setTransferList(transfers);
        receipt.setIdPSP("INTEROPPSP");
        receipt.setPspFiscalCode("11111111111");
        receipt.setPspPartitaIVA("11111111111");
        receipt.setPSPCompanyName("Banca Interop jaxws");
        receipt.setIdChannel("11111111111_01");
        receipt.setChannelDescription("interop");
        receipt.setPayer(data.getDebtor());
        receipt.setPaymentMethod("creditCard");
        receipt.setFee(new BigDecimal("1.50"));
        receipt.setPaymentNote("interop");
        receipt.setPrimaryCiIncurredFee(new BigDecimal("0.10"));
        receipt.setIdBundle("bundle");
        receipt.setIdCiBundle("ci-bundle");
        receipt.setPaymentDateTime(dates.newXMLGregorianCalendar(OffsetDateTime.now().withNano(123_000_000).toString()));
        receipt.setApplicationDate(dates.newXMLGregorianCalendar(LocalDate.now().toString()));
        receipt.setTransferDate(dates.newXMLGregorianCalendar(LocalDate.now().toString()));
        receipt.setMetadata(data.getMetadata());
        receipt.setStandIn(false);
        return receipt;
    }

    /** In a receipt a revenue stamp is no longer asked for but attached. */
    private static CtTransferPAReceiptV2 paid(CtTransferPAV2 t) {
        CtTransferPAReceiptV2 paid = new CtTransferPAReceiptV2();
        paid.setIdTransfer(t.getIdTransfer());
        paid.setTransferAmount(t.getTransferAmount());
        paid.setFiscalCodePA(t.getFiscalCodePA());
        paid.setCompanyName(t.getCompanyName());
        paid.setIBAN(t.getIBAN());
        if (t.getRichiestaMarcaDaBollo() != null) {
            paid.setMBDAttachment("<marcaDaBollo/>".getBytes(StandardCharsets.UTF_8));
        }
        paid.setRemittanceInformation(t.getRemittanceInformation());
        paid.setTransferCategory(t.getTransferCategory());
        paid.setMetadata(t.getMetadata());
        return paid;
    }
}

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import javax.xml.datatype.DatatypeFactory;
import pafornode.CtPaymentPA;
import pafornode.CtReceipt;
import pafornode.CtTransferListPA;
import pafornode.CtTransferPA;
import pafornode.PaForNode;
import pafornode.PaGetPaymentReq;
import pafornode.PaGetPaymentRes;
import pafornode.PaSendRTReq;
import pafornode.PaSendRTRes;
import pafornode.StOutcome;

/** paGetPayment and paSendRT. */
final class PaymentV1 implements Client.Payment {
    private final PaForNode port;
    private final Options options;
    private CtPaymentPA data;

    PaymentV1(PaForNode port, Options options) {
        this.port = port;
        this.options = options;
    }

    @Override
    public Report activate(BigDecimal amount) {
        PaGetPaymentReq request = new PaGetPaymentReq();
        request.setIdPA(options.ec);
        request.setIdBrokerPA(options.broker);
        request.setIdStation(options.station);
        request.setQrCode(Client.qrCode(options));
        request.setAmount(amount);
        request.setPaymentNote("interop");
        PaGetPaymentRes answer = port.paGetPayment(request);
        String outcome = Report.ok("activate", answer.getOutcome(), answer.getFault());
        data = Check.present("activate.data", answer.getData());
        Check.present("activate.transferList", data.getTransferList());
        List<Report> transfers = new ArrayList<>();
        BigDecimal sum = BigDecimal.ZERO;
        for (CtTransferPA t : data.getTransferList().getTransfer()) {
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

    private static Report read(CtTransferPA t) {
        return new Report()
            .must("idTransfer", t.getIdTransfer())
            .must("transferAmount", t.getTransferAmount())
            .must("fiscalCodePA", t.getFiscalCodePA())
            .must("IBAN", t.getIBAN())
            .must("remittanceInformation", t.getRemittanceInformation())
            .must("transferCategory", t.getTransferCategory())
            .add("metadata", Report.metadata(t.getMetadata()));
    }

    @Override
    public String sendReceipt() throws Exception {
        PaSendRTReq request = new PaSendRTReq();
        request.setIdPA(options.ec);
        request.setIdBrokerPA(options.broker);
        request.setIdStation(options.station);
        request.setReceipt(receipt());
        PaSendRTRes answer = port.paSendRT(request);
        return Report.ok("receipt", answer.getOutcome(), answer.getFault());
    }

    /** The receipt the node would send: the activation echoed, plus the PSP's part. */
    private CtReceipt receipt() throws Exception {
        CtTransferListPA transfers = new CtTransferListPA();
        transfers.getTransfer().addAll(data.getTransferList().getTransfer());
        DatatypeFactory dates = DatatypeFactory.newInstance();
        CtReceipt receipt = new CtReceipt();
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
        receipt.setPaymentDateTime(dates.newXMLGregorianCalendar(OffsetDateTime.now().withNano(123_000_000).toString()));
        receipt.setApplicationDate(dates.newXMLGregorianCalendar(LocalDate.now().toString()));
        receipt.setTransferDate(dates.newXMLGregorianCalendar(LocalDate.now().toString()));
        receipt.setMetadata(data.getMetadata());
        receipt.setStandIn(false);
        return receipt;
    }
}

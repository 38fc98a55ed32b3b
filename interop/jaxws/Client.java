import com.sun.xml.ws.developer.SchemaValidationFeature;
import java.math.BigDecimal;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.WebServiceException;
import javax.xml.ws.soap.SOAPFaultException;
import pafornode.CtFaultBean;
import pafornode.CtPaymentOptionDescriptionPA;
import pafornode.CtQrCode;
import pafornode.PaForNode;
import pafornode.PaForNodeService;
import pafornode.PaVerifyPaymentNoticeReq;
import pafornode.PaVerifyPaymentNoticeRes;
import pafornode.StOutcome;
import org.xml.sax.SAXParseException;

/**
 * JAX-WS RI plays the node against a station: verify, activate, receipt, verify again.
 * The stubs (package pafornode) are generated from the station's own ?wsdl, and every
 * message is validated, in both directions, against the schemas that WSDL imports.
 *
 * <p>stdout: exactly one JSON line. Any failure: one line on stderr and exit status 1.
 */
public final class Client {
    /** The two halves of the flow that differ between station versions. */
    interface Payment {
        Report activate(BigDecimal amount) throws Exception;

        String sendReceipt() throws Exception;
    }

    private final Options options;
    private final PaForNode port;

    private Client(Options options) throws Exception {
        this.options = options;
        port = new PaForNodeService(new URL(options.wsdl)).getPaForNodePort(new SchemaValidationFeature());
        Map<String, Object> context = ((BindingProvider) port).getRequestContext();
        context.put("com.sun.xml.ws.connect.timeout", 30_000);
        context.put("com.sun.xml.ws.request.timeout", 30_000);
    }

    /** Two uses of the same notice must not share state, hence a fresh one each time. */
    static CtQrCode qrCode(Options options) {
        CtQrCode qrCode = new CtQrCode();
        qrCode.setFiscalCode(options.ec);
        qrCode.setNoticeNumber(options.nav);
        return qrCode;
    }

    private PaVerifyPaymentNoticeRes verify(CtQrCode qrCode) {
        PaVerifyPaymentNoticeReq request = new PaVerifyPaymentNoticeReq();
        request.setIdPA(options.ec);
        request.setIdBrokerPA(options.broker);
        request.setIdStation(options.station);
        request.setQrCode(qrCode);
        return port.paVerifyPaymentNotice(request);
    }

    /**
     * A run without validation would prove little and look the same, so prove first that
     * it is in force: a notice number of 17 digits must be stopped before it is sent.
     */
    private void proveValidationIsOn() {
        CtQrCode shortNotice = qrCode(options);
        shortNotice.setNoticeNumber(options.nav.substring(1));
        try {
            verify(shortNotice);
        } catch (SOAPFaultException sent) {
            throw new IllegalStateException("schema validation is off: an invalid request was sent", sent);
        } catch (WebServiceException refused) {
            Check.that(refused.getCause() instanceof SAXParseException, "expected a schema error, got " + refused);
            return;
        }
        throw new IllegalStateException("schema validation is off: an invalid request was sent");
    }

    private Report run() throws Exception {
        proveValidationIsOn();
        PaVerifyPaymentNoticeRes answer = verify(qrCode(options));
        Report verify = readVerify(answer);
        Payment payment = options.version == 2 ? new PaymentV2(port, options) : new PaymentV1(port, options);
        Report activate = payment.activate(new BigDecimal(verify.get("amount").toString()));
        String receipt = payment.sendReceipt();
        return new Report()
            .add("client", "jaxws")
            .add("version", options.version)
            .add("verify", verify)
            .add("activate", activate)
            .add("receipt", new Report().add("outcome", receipt))
            .add("verifyAgain", readDuplicate(verify(qrCode(options))));
    }

    private static Report readVerify(PaVerifyPaymentNoticeRes answer) {
        String outcome = Report.ok("verify", answer.getOutcome(), answer.getFault());
        Check.present("verify.paymentList", answer.getPaymentList());
        CtPaymentOptionDescriptionPA option = answer.getPaymentList().getPaymentOptionDescription();
        Check.present("verify.paymentOptionDescription", option);
        return new Report()
            .add("outcome", outcome)
            .must("paymentDescription", answer.getPaymentDescription())
            .must("fiscalCodePA", answer.getFiscalCodePA())
            .must("companyName", answer.getCompanyName())
            .add("officeName", answer.getOfficeName())
            .must("amount", option.getAmount())
            .must("options", option.getOptions().value())
            .add("dueDate", option.getDueDate())
            .add("detailDescription", option.getDetailDescription())
            .add("allCCP", option.isAllCCP());
    }

    private static Report readDuplicate(PaVerifyPaymentNoticeRes answer) {
        CtFaultBean fault = Check.present("verifyAgain.fault", answer.getFault());
        Check.that(answer.getOutcome() == StOutcome.KO && "PAA_PAGAMENTO_DUPLICATO".equals(fault.getFaultCode()),
            "second verify answered " + answer.getOutcome() + " " + fault.getFaultCode());
        return new Report()
            .add("outcome", answer.getOutcome().value())
            .must("faultCode", fault.getFaultCode())
            .must("faultString", fault.getFaultString())
            .must("id", fault.getId())
            .add("description", fault.getDescription());
    }

    /** A schema error says what is wrong in the innermost cause only. */
    private static String cause(Throwable error) {
        Throwable innermost = error;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return innermost == error ? "" : " <- " + innermost;
    }

    public static void main(String[] args) {
        try {
            String line = Json.of(new Client(new Options(args)).run()) + "\n";
            // Not println: the console charset of a CI machine is often ASCII.
            System.out.write(line.getBytes(StandardCharsets.UTF_8), 0, line.getBytes(StandardCharsets.UTF_8).length);
            System.out.flush();
        } catch (Exception error) {
            System.err.println("jaxws: " + error + cause(error));
            System.exit(1);
        }
    }
}

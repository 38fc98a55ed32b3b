import com.sun.xml.ws.developer.SchemaValidationFeature;
import java.io.File;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.namespace.QName;
import javax.xml.transform.Source;
import javax.xml.transform.stream.StreamSource;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Dispatch;
import javax.xml.ws.Service;

/**
 * JAX-WS RI with schema validation receives answers that the station has given, one
 * after the other, and says of each whether it is content.
 *
 * <p>Arguments: the WSDL's address and a file of lines "request file TAB address". The
 * address answers whatever it is sent with one of the station's answers.
 */
public final class Answers {
    private static final String NAMESPACE = "http://pagopa-api.pagopa.gov.it/paForNode";

    private Answers() {
    }

    public static void main(String[] arguments) throws Exception {
        Service service = Service.create(new URL(arguments[0]), new QName(NAMESPACE, "paForNodeService"));
        QName port = new QName(NAMESPACE, "paForNodePort");
        int answers = 0;
        int defects = 0;
        for (String line : Files.readAllLines(Path.of(arguments[1]))) {
            String[] parts = line.split("\t");
            Dispatch<Source> dispatch =
                service.createDispatch(port, Source.class, Service.Mode.PAYLOAD, new SchemaValidationFeature());
            dispatch.getRequestContext().put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, parts[1]);
            answers++;
            try {
                dispatch.invoke(new StreamSource(new File(parts[0])));
            } catch (RuntimeException e) {
                defects++;
                System.out.println("defect at " + parts[1] + ": " + e);
            }
        }
        System.out.println(answers + " answers, " + defects + " defects");
    }
}

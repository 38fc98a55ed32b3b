import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.datatype.XMLGregorianCalendar;
import pafornode.CtFaultBean;
import pafornode.CtMapEntry;
import pafornode.CtMetadata;
import pafornode.CtSubject;
import pafornode.StOutcome;

/** One object of the JSON line: an ordered map that leaves out what was not said. */
final class Report extends LinkedHashMap<String, Object> {
    private static final long serialVersionUID = 1L;

    Report add(String name, Object value) {
        if (value instanceof BigDecimal amount) {
            put(name, amount.toPlainString());
        } else if (value instanceof XMLGregorianCalendar date) {
            put(name, date.toXMLFormat());
        } else if (value != null) {
            put(name, value);
        }
        return this;
    }

    Report must(String name, Object value) {
        return add(name, Check.present(name, value));
    }

    static Object metadata(CtMetadata metadata) {
        if (metadata == null) {
            return null;
        }
        Map<String, Object> entries = new LinkedHashMap<>();
        for (CtMapEntry entry : metadata.getMapEntry()) {
            entries.put(entry.getKey(), entry.getValue());
        }
        return entries;
    }

    static Report debtor(CtSubject subject) {
        Check.present("debtor", subject);
        Check.present("debtor.uniqueIdentifier", subject.getUniqueIdentifier());
        return new Report()
            .must("type", subject.getUniqueIdentifier().getEntityUniqueIdentifierType().value())
            .must("value", subject.getUniqueIdentifier().getEntityUniqueIdentifierValue())
            .must("fullName", subject.getFullName())
            .add("streetName", subject.getStreetName())
            .add("civicNumber", subject.getCivicNumber())
            .add("postalCode", subject.getPostalCode())
            .add("city", subject.getCity())
            .add("stateProvinceRegion", subject.getStateProvinceRegion())
            .add("country", subject.getCountry())
            .add("e-mail", subject.getEMail());
    }

    /** The outcome of an answer that must be OK and therefore carry no fault. */
    static String ok(String step, StOutcome outcome, CtFaultBean fault) {
        Check.present(step + ".outcome", outcome);
        Check.that(fault == null, step + " answered " + outcome + " with fault "
            + (fault == null ? "" : fault.getFaultCode() + ": " + fault.getDescription()));
        Check.that(outcome == StOutcome.OK, step + " answered " + outcome);
        return outcome.value();
    }
}

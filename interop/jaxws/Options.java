import java.util.HashMap;
import java.util.Map;

/** The command line shared by all the clients. */
final class Options {
    private static final String[] FLAGS = {"wsdl", "ec", "broker", "station", "nav", "receipt-id", "version"};

    final String wsdl;
    final String ec;
    final String broker;
    final String station;
    final String nav;
    final String receiptId;
    final int version;

    Options(String[] args) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i + 1 < args.length; i += 2) {
            given.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
        for (String flag : FLAGS) {
            Check.that(given.containsKey(flag), "--" + flag + " is required");
        }
        wsdl = given.get("wsdl");
        ec = given.get("ec");
        broker = given.get("broker");
        station = given.get("station");
        nav = given.get("nav");
        receiptId = given.get("receipt-id");
        version = Integer.parseInt(given.get("version"));
        Check.that(version == 1 || version == 2, "--version is 1 or 2");
    }
}

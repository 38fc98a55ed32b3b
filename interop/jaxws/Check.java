/** What must be true of an answer that the stack has accepted. */
final class Check {
    private Check() {
    }

    static void that(boolean condition, String message) {
        if (!condition) {
            throw new Lost(message);
        }
    }

    /** A field lost in unmarshalling shows up as null. */
    static <T> T present(String name, T value) {
        that(value != null && !"".equals(value), name + " is missing");
        return value;
    }
}

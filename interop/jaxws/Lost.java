/** An answer that the stack accepted although it does not say what it must. */
final class Lost extends RuntimeException {
    private static final long serialVersionUID = 1;

    Lost(String message) {
        super(message);
    }
}

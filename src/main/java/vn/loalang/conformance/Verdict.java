package vn.loalang.conformance;

/** Ends a test with something other than success. */
final class Verdict extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Outcome outcome;

    private Verdict(Outcome outcome, String detail) {
        super(detail);
        this.outcome = outcome;
    }

    static Verdict fail(String detail) {
        return new Verdict(Outcome.FAIL, detail);
    }

    static Verdict notSupported(String detail) {
        return new Verdict(Outcome.NOT_SUPPORTED, detail);
    }

    static Verdict notObservable(String detail) {
        return new Verdict(Outcome.NOT_OBSERVABLE, detail);
    }

    Outcome outcome() {
        return outcome;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}

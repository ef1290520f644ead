package vn.loalang.protocol;

/** A device reduced to what it knows, with a clock that the test sets. */
final class TestDevice {
    DeviceState state = DeviceState.claimed(Vectors.ID, Vectors.claim(), 0, Vectors.EPOCH, Limits.DEVICE_MESSAGE);
    long clock = Vectors.T1;
    Quality quality = Quality.T;

    void helloSent(Nonce nonce) {
        state = state.helloSent(nonce);
    }

    /** Judges the message and takes over the next state if it is accepted. */
    Admission.Outcome admit(byte[] message) {
        Admission.Outcome outcome = judge(message, Limits.VERIFICATIONS_PER_SECOND);
        if (outcome instanceof Admission.Accepted accepted) {
            state = accepted.next();
        }
        return outcome;
    }

    /** Takes a vector as its index says: at its clock, by its way. */
    Admission.Outcome take(Vectors.Vector vector) {
        clock = vector.t();
        quality = vector.q();
        Admission.Outcome outcome = vector.hand()
                ? Admission.admitByHand(state, new DeviceTime(clock, quality), vector.bytes())
                : judge(vector.bytes(), Limits.VERIFICATIONS_PER_SECOND);
        if (outcome instanceof Admission.Accepted accepted) {
            state = accepted.next();
        }
        return outcome;
    }

    Admission.Outcome judge(byte[] message, int budget) {
        return Admission.admit(state, new DeviceTime(clock, quality), budget, message);
    }

    /** Claimed, welcomed, with the standard keys and site. */
    static TestDevice welcomed() {
        TestDevice device = new TestDevice();
        device.admit(Vectors.signed("r1", "r2", Vectors.keySet()));
        device.helloSent(Vectors.NONCE);
        device.admit(Vectors.signed("p1", Vectors.welcomeOf(Vectors.T1 - 1000, Vectors.NONCE)));
        device.admit(Vectors.signed("s1", Vectors.standardSite()));
        return device;
    }

    /** The outcome as {@code index.json} names it. */
    static String name(Admission.Outcome outcome) {
        if (outcome instanceof Admission.Refused refused) {
            return refused.code().name();
        }
        return outcome instanceof Admission.Accepted
                ? "accept"
                : outcome.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
    }
}

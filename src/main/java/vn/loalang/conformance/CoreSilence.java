package vn.loalang.conformance;

/** A link that is dead without anybody being told, as when a modem loses its way. */
final class CoreSilence {
    private static final int KEEP_ALIVE = 30;
    /** MQTT asks for a sign of life within each keep-alive; two without an answer, and some patience, are enough. */
    private static final double NOTICED = 3.5;

    private final Bench b;

    CoreSilence(Bench bench) {
        b = bench;
    }

    @Proves(
            value = {"CON-3"},
            seconds = 180)
    void aLinkThatDiesSilentlyIsNoticedByTheKeepAlive() {
        b.apply(b.cfg().put("ka", KEEP_ALIVE), b.auth.p1);
        int before = b.welcomes();
        b.proxy.cut();
        b.awaitWelcome(before);
        b.fence();
        int attempts = b.proxy.attempts();
        int welcomes = b.welcomes();
        long start = System.nanoTime();
        b.proxy.faults(FaultProxy.Faults.silence());
        b.awaitTrue("a new connection after silence", NOTICED * KEEP_ALIVE, () -> b.proxy.attempts() > attempts);
        b.measured("noticed after " + (System.nanoTime() - start) / 1_000_000_000L + " s of silence, keep-alive "
                + KEEP_ALIVE + " s");
        b.proxy.faults(FaultProxy.Faults.NONE);
        b.proxy.cut();
        b.awaitWelcome(welcomes);
        b.fence();
    }
}

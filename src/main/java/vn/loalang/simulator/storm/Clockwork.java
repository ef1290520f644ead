package vn.loalang.simulator.storm;

import java.util.random.RandomGenerator;

/** The two clocks of a box: a monotonic one of a cheap crystal, and a real-time clock that may be wrong by decades. */
final class Clockwork {
    private static final long YEAR_1939 = -978_307_200_000L;
    private static final long YEAR_2080 = 3_471_292_800_000L;

    /** What kind of real-time clock the box has. */
    enum Kind {
        /** Right to the second. */
        GOOD,
        /** Kept by a battery, wrong by minutes or hours. */
        WRONG,
        /** None: 1970 at every start. */
        UNIX_ZERO,
        /** An overflow of its year. */
        LONG_AGO,
        /** The same, the other way. */
        FAR_AHEAD
    }

    private final Kind kind;
    private final int partsPerMillion;
    private long offset;
    private long bootedAt;

    Clockwork(RandomGenerator random) {
        var luck = random.nextInt(10);
        this.kind = luck < 4
                ? Kind.GOOD
                : luck < 6 ? Kind.WRONG : luck < 8 ? Kind.UNIX_ZERO : luck < 9 ? Kind.LONG_AGO : Kind.FAR_AHEAD;
        this.partsPerMillion = random.nextInt(-60, 61);
        this.offset = kind == Kind.GOOD
                ? random.nextLong(-2000, 2001)
                : kind == Kind.WRONG ? random.nextLong(-18_000_000, 18_000_001) : 0;
    }

    Kind kind() {
        return kind;
    }

    void boot(long now) {
        bootedAt = now;
    }

    /** Uptime in ms. */
    long mono(long now) {
        var passed = now - bootedAt;
        return passed + passed * partsPerMillion / 1_000_000;
    }

    /** When the uptime will be at least this. */
    long when(long mono) {
        return bootedAt + mono * 1_000_000 / (1_000_000 + partsPerMillion) + 1;
    }

    /** What the real-time clock says, Unix ms. */
    long rtc(long now) {
        return switch (kind) {
            case GOOD, WRONG -> now + offset;
            case UNIX_ZERO -> mono(now);
            case LONG_AGO -> YEAR_1939 + mono(now);
            case FAR_AHEAD -> YEAR_2080 + mono(now);
        };
    }

    /** Somebody or something sets the real-time clock. */
    void step(long ms) {
        offset += ms;
    }
}

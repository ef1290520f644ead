package vn.loalang.simulator.storm;

import java.time.Instant;

/** What must never happen has happened. */
record Violation(Invariant invariant, Instant at, String where, String what) {
    @Override
    public String toString() {
        return at + " " + where + " " + invariant + ": " + what;
    }
}

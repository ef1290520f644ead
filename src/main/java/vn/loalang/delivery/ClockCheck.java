package vn.loalang.delivery;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import vn.loalang.area.Refusal;

/**
 * Compares the server's clock with the time servers that {@code loalang.delivery.time-servers} names. While they say that it is
 * wrong nothing is signed but clears [SRV-5], until it is right or a person has said that it is. A server that reaches none of
 * them only says so: a commune without Internet must still be able to call an emergency.
 */
@Component
class ClockCheck {
    /** From this difference on nothing is signed, as for an officer's clock [SRV-5b]. */
    static final Duration WRONG = Duration.ofSeconds(60);

    /** Up to this difference nobody needs to do anything. */
    static final Duration EXACT = Duration.ofSeconds(2);

    private static final Logger log = LoggerFactory.getLogger(ClockCheck.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    /** An answer counts so long. */
    private static final Duration FRESH = Duration.ofHours(24);

    private final Clock clock;
    private final List<URI> servers;
    private final Bell bell = new Bell();
    private volatile @Nullable Reading last;
    /** The difference under which a person has said that the clock is right. */
    private volatile @Nullable Duration accepted;

    ClockCheck(DeliverySettings settings, Clock clock) {
        this.clock = clock;
        this.servers = settings.timeServers().stream().map(ClockCheck::address).toList();
    }

    /** What is known about the clock. */
    enum State {
        /** No time server is named. */
        UNCHECKED(Duration.ofHours(1)),
        /** None has answered for a day. */
        UNKNOWN(Duration.ofMinutes(5)),
        RIGHT(Duration.ofHours(1)),
        /** Off by seconds. */
        INEXACT(Duration.ofMinutes(1)),
        /** Off by more, and nobody has said that it is right. */
        WRONG(Duration.ofMinutes(1));

        private final Duration lookAgainAfter;

        State(Duration lookAgainAfter) {
            this.lookAgainAfter = lookAgainAfter;
        }
    }

    /**
     * What the time servers have said.
     *
     * @param off what the clock lacks to be right; negative if it is fast
     */
    record Reading(Instant at, Duration off) {}

    /** What is known about the clock now. */
    State state() {
        var reading = last;
        if (reading == null) {
            return servers.isEmpty() ? State.UNCHECKED : State.UNKNOWN;
        }
        if (Duration.between(reading.at(), clock.instant()).abs().compareTo(FRESH) > 0) {
            return State.UNKNOWN;
        }
        var off = reading.off();
        if (off.abs().compareTo(WRONG) > 0) {
            var known = accepted;
            return known != null && known.minus(off).abs().compareTo(WRONG) <= 0 ? State.INEXACT : State.WRONG;
        }
        return off.abs().compareTo(EXACT) > 0 ? State.INEXACT : State.RIGHT;
    }

    /** By how many seconds the clock differed when it was last compared, whatever the direction. */
    long secondsOff() {
        var reading = last;
        return reading == null ? 0 : reading.off().abs().toSeconds();
    }

    /** Refuses to sign under a clock that is wrong. */
    void require() {
        if (state() == State.WRONG) {
            throw new Refusal("", "delivery.refused.clockWrong", secondsOff());
        }
    }

    /** A person has looked at the clock: it is right, whatever the time servers say. */
    void accept() {
        var reading = last;
        accepted = reading == null ? null : reading.off();
        bell.ring();
    }

    /** Looks until interrupted; at once over without time servers. */
    void work() throws InterruptedException {
        while (!servers.isEmpty()) {
            look();
            bell.await(state().lookAgainAfter);
        }
    }

    /** Asks every time server once; the difference that more than half of the answers reach is believed. */
    void look() {
        var answers = new ArrayList<Duration>();
        for (var server : servers) {
            var port = server.getPort() < 0 ? Sntp.PORT : server.getPort();
            try {
                answers.add(Sntp.ask(new InetSocketAddress(server.getHost(), port), clock, PATIENCE));
            } catch (IOException silent) {
                log.debug("{} does not tell the time", server, silent);
            }
        }
        if (answers.isEmpty()) {
            return;
        }
        answers.sort(Comparator.comparing(Duration::abs));
        told(answers.get((answers.size() - 1) / 2));
    }

    /**
     * The clock was compared.
     *
     * @param off what it lacks to be right; negative if it is fast
     */
    void told(Duration off) {
        var before = state();
        last = new Reading(clock.instant(), off);
        if (off.abs().compareTo(WRONG) <= 0) {
            accepted = null;
        }
        var now = state();
        if (now == State.WRONG && before != now) {
            log.error("The clock is off by {} s; nothing is signed until it is right or confirmed", secondsOff());
        } else if (before == State.WRONG && now != before) {
            log.info("The clock is right again, off by {}", off);
        }
    }

    private static URI address(String text) {
        var address = URI.create("ntp://" + text);
        if (address.getHost() == null) {
            throw new IllegalArgumentException("loalang.delivery.time-servers holds " + text
                    + ", wanted is a name or address, if need be with a colon and a port");
        }
        return address;
    }
}

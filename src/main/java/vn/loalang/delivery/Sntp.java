package vn.loalang.delivery;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Asks a time server for the time, once, as a client of SNTP (RFC 4330). */
final class Sntp {
    static final int PORT = 123;

    private static final int LENGTH = 48;
    private static final int ORIGINATE = 24;
    private static final int RECEIVED = 32;
    private static final int TRANSMITTED = 40;
    /** No leap warning, version 4, client. */
    private static final byte REQUEST = 0x23;

    private static final int SERVER = 4;
    private static final int UNSYNCHRONISED = 3;
    private static final int LAST_STRATUM = 15;
    /** From 1900-01-01 to 1970-01-01, in s. */
    private static final long TO_UNIX = 2_208_988_800L;
    /** The era from 2036-02-07 on begins again at 0. */
    private static final long ERA = 1L << 32;

    private Sntp() {}

    /**
     * What the clock lacks to be right; negative if it is fast.
     *
     * @param patience how long the answer may take
     * @throws IOException when nobody answers, or with something that is not to be believed
     */
    static Duration ask(InetSocketAddress server, Clock clock, Duration patience) throws IOException {
        var request = ByteBuffer.allocate(LENGTH);
        request.put(0, REQUEST);
        // The server sends this back as it is: who has not seen the question cannot answer it. It need not be the time.
        var nonce = new SecureRandom().nextLong();
        request.putLong(TRANSMITTED, nonce);
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout((int) patience.toMillis());
            socket.connect(server);
            var sent = clock.instant();
            socket.send(new DatagramPacket(request.array(), LENGTH));
            var answer = new DatagramPacket(new byte[LENGTH], LENGTH);
            socket.receive(answer);
            return offset(ByteBuffer.wrap(answer.getData(), 0, answer.getLength()), nonce, sent, clock.instant());
        }
    }

    private static Duration offset(ByteBuffer answer, long nonce, Instant sent, Instant arrived) throws IOException {
        if (answer.remaining() < LENGTH || answer.getLong(ORIGINATE) != nonce) {
            throw new IOException("the answer belongs to another question");
        }
        var first = answer.get(0);
        var stratum = answer.get(1) & 0xff;
        var unsynchronised = ((first >> 6) & 3) == UNSYNCHRONISED || stratum == 0 || stratum > LAST_STRATUM;
        if ((first & 7) != SERVER || unsynchronised || answer.getLong(TRANSMITTED) == 0) {
            throw new IOException("the server does not know the time itself");
        }
        if (arrived.isBefore(sent)) {
            throw new IOException("the clock was set while the server answered");
        }
        // The way there and the way back take the same time, as far as anybody knows.
        var there = Duration.between(sent, instant(answer, RECEIVED));
        var back = Duration.between(arrived, instant(answer, TRANSMITTED));
        return there.plus(back).dividedBy(2);
    }

    private static Instant instant(ByteBuffer answer, int at) {
        var seconds = Integer.toUnsignedLong(answer.getInt(at));
        var nanos = (Integer.toUnsignedLong(answer.getInt(at + 4)) * 1_000_000_000L) >>> 32;
        var since1900 = seconds < ERA / 2 ? seconds + ERA : seconds;
        return Instant.ofEpochSecond(since1900 - TO_UNIX, nanos);
    }
}

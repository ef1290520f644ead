package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import vn.loalang.SettableClock;
import vn.loalang.area.Refusal;

/** The clock against time servers on this machine. */
class ClockCheckTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Instant NOW = Instant.parse("2026-11-22T09:00:00.250Z");

    private final SettableClock clock = new SettableClock(NOW);
    private final List<TimeServer> servers = new ArrayList<>();

    @AfterEach
    void close() {
        servers.forEach(TimeServer::close);
    }

    @Test
    void theDifferenceIsWhatTheClockLacks() throws IOException {
        for (var off : List.of(0L, 1L, -1L, 61_000L, -86_400_000L, 3_000_000_000L)) {
            var server = serving(Duration.ofMillis(off));
            assertThat(Sntp.ask(server.address(), clock, PATIENCE))
                    .isBetween(Duration.ofMillis(off - 1), Duration.ofMillis(off + 1));
        }
    }

    @Test
    void theEraAfter2036IsUnderstood() throws IOException {
        clock.set(Instant.parse("2036-02-07T06:28:10Z"));
        assertThat(Sntp.ask(serving(Duration.ofSeconds(10)).address(), clock, PATIENCE))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(Sntp.ask(serving(Duration.ofSeconds(-10)).address(), clock, PATIENCE))
                .isEqualTo(Duration.ofSeconds(-10));
    }

    @Test
    void whatIsNotToBeBelievedIsNoAnswer() throws IOException {
        for (var forgery : List.<UnaryOperator<ByteBuffer>>of(
                answer -> answer.putLong(24, answer.getLong(24) + 1),
                answer -> answer.put(0, (byte) 0xe4),
                answer -> answer.put(0, (byte) 0x23),
                answer -> answer.put(1, (byte) 0),
                answer -> answer.put(1, (byte) 16),
                answer -> answer.putLong(40, 0),
                answer -> answer.limit(47))) {
            var server = new TimeServer(Duration.ZERO, forgery);
            servers.add(server);
            assertThatThrownBy(() -> Sntp.ask(server.address(), clock, PATIENCE))
                    .isInstanceOf(IOException.class);
        }
        try (var silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            Sntp.ask((InetSocketAddress) silent.getLocalSocketAddress(), clock, Duration.ofMillis(50)))
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void whileTheClockIsWrongNothingIsSignedUntilAPersonConfirmsOrItIsRight() throws IOException {
        var server = serving(Duration.ofSeconds(-61));
        var check = new ClockCheck(asking(server), clock);
        assertThat(check.state()).isEqualTo(ClockCheck.State.UNKNOWN);
        check.require();

        check.look();
        assertThat(check.state()).isEqualTo(ClockCheck.State.WRONG);
        assertThat(check.secondsOff()).isEqualTo(61);
        assertThatThrownBy(check::require).isInstanceOf(Refusal.class);

        check.accept();
        assertThat(check.state()).isEqualTo(ClockCheck.State.INEXACT);
        check.require();
        server.off = Duration.ofSeconds(-200);
        check.look();
        assertThat(check.state()).as("confirmed was another difference").isEqualTo(ClockCheck.State.WRONG);

        server.off = Duration.ofSeconds(59);
        check.look();
        assertThat(check.state()).isEqualTo(ClockCheck.State.INEXACT);
        server.off = Duration.ofMillis(500);
        check.look();
        assertThat(check.state()).isEqualTo(ClockCheck.State.RIGHT);
        server.off = Duration.ofSeconds(-61);
        check.look();
        assertThat(check.state())
                .as("a confirmation ends when the clock is right")
                .isEqualTo(ClockCheck.State.WRONG);
    }

    @Test
    void anAnswerCountsForADayAndWithoutTimeServersNothingIsClaimed() throws IOException {
        var check = new ClockCheck(asking(serving(Duration.ZERO)), clock);
        check.look();
        assertThat(check.state()).isEqualTo(ClockCheck.State.RIGHT);
        clock.set(NOW.plus(Duration.ofHours(25)));
        assertThat(check.state()).isEqualTo(ClockCheck.State.UNKNOWN);
        var trusting = new ClockCheck(settings(), clock);
        trusting.look();
        assertThat(trusting.state()).isEqualTo(ClockCheck.State.UNCHECKED);
        trusting.require();
    }

    @Test
    void oneFalseServerAmongThreeChangesNothing() throws IOException {
        var check = new ClockCheck(
                asking(serving(Duration.ofHours(1)), serving(Duration.ofMillis(40)), serving(Duration.ofMillis(-30))),
                clock);
        check.look();
        assertThat(check.state()).isEqualTo(ClockCheck.State.RIGHT);
        var misled = new ClockCheck(
                asking(serving(Duration.ofHours(1)), serving(Duration.ofHours(1)), serving(Duration.ZERO)), clock);
        misled.look();
        assertThat(misled.state()).isEqualTo(ClockCheck.State.WRONG);
    }

    @Test
    void whatIsNoAddressIsRefusedAtTheStart() {
        assertThatThrownBy(() -> new ClockCheck(settings("a b"), clock)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ClockCheck(settings(":123"), clock)).isInstanceOf(IllegalArgumentException.class);
    }

    private TimeServer serving(Duration off) throws IOException {
        var server = new TimeServer(off, answer -> answer);
        servers.add(server);
        return server;
    }

    private static DeliverySettings asking(TimeServer... servers) {
        var names = new ArrayList<String>();
        for (var server : servers) {
            names.add("127.0.0.1:" + server.address().getPort());
        }
        return settings(names.toArray(String[]::new));
    }

    private static DeliverySettings settings(String... names) {
        return new DeliverySettings(
                null,
                Duration.ofMillis(10),
                Duration.ofMinutes(90),
                Duration.ofMinutes(15),
                List.of(Duration.ofSeconds(5)),
                1_000_000,
                4000,
                Duration.ofSeconds(15),
                List.of(names),
                0,
                null);
    }

    /** A time server on a port of its own, so much ahead of the clock. */
    private final class TimeServer implements AutoCloseable {
        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private volatile Duration off;

        TimeServer(Duration off, UnaryOperator<ByteBuffer> forgery) throws IOException {
            this.off = off;
            var thread = new Thread(() -> serve(forgery), "time-server");
            thread.setDaemon(true);
            thread.start();
        }

        InetSocketAddress address() {
            return (InetSocketAddress) socket.getLocalSocketAddress();
        }

        private void serve(UnaryOperator<ByteBuffer> forgery) {
            try {
                while (!socket.isClosed()) {
                    var question = new DatagramPacket(new byte[100], 100);
                    socket.receive(question);
                    var answer = ByteBuffer.allocate(48);
                    answer.put(0, (byte) 0x24).put(1, (byte) 2);
                    answer.putLong(24, ByteBuffer.wrap(question.getData()).getLong(40));
                    put(answer, 32);
                    put(answer, 40);
                    answer = forgery.apply(answer);
                    socket.send(new DatagramPacket(answer.array(), answer.limit(), question.getSocketAddress()));
                }
            } catch (IOException closed) {
                socket.close();
            }
        }

        private void put(ByteBuffer answer, int at) {
            var time = clock.instant().plus(off);
            answer.putInt(at, (int) (time.getEpochSecond() + 2_208_988_800L));
            answer.putInt(at + 4, (int) (((long) time.getNano() << 32) / 1_000_000_000L));
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}

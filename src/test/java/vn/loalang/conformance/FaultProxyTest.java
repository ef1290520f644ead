package vn.loalang.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the kit counts as received is what came through the faults, and a seed brings the same faults again. */
class FaultProxyTest {
    private static final int SENT = 200;

    /** What reaches a controller of {@value #SENT} messages, and what the proxy wrote down of them. */
    private record Passed(List<Integer> received, List<Integer> logged) {}

    private static Passed through(long seed) throws Exception {
        var received = new ArrayList<Integer>();
        try (var broker = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var proxy = new FaultProxy(
                        new InetSocketAddress(broker.getInetAddress(), broker.getLocalPort()),
                        Optional.empty(),
                        seed,
                        id -> {})) {
            proxy.faults(FaultProxy.Faults.unreliable(0.3, 0.15, 0.15));
            try (var controller = new Socket(broker.getInetAddress(), proxy.port())) {
                try (var server = broker.accept()) {
                    for (int i = 0; i < SENT; i++) {
                        server.getOutputStream().write(new byte[] {0x30, 4, 0, 1, 'b', (byte) i});
                    }
                }
                var in = new BufferedInputStream(controller.getInputStream());
                while (true) received.add(number(Mqtt.read(in)));
            } catch (EOFException all) {
                return new Passed(
                        received,
                        proxy.log().stream().map(seen -> number(seen.packet())).toList());
            }
        }
    }

    private static int number(Mqtt.Packet packet) {
        return packet.payload()[0] & 0xff;
    }

    @Test
    void whatIsLostIsNotWrittenDownAndWhatComesTwiceIsTwice() throws Exception {
        var passed = through(1);

        assertThat(passed.logged()).isEqualTo(passed.received());
        assertThat(Set.copyOf(passed.received()))
                .hasSizeBetween(SENT / 2, SENT * 9 / 10)
                .hasSizeLessThan(passed.received().size());
    }

    @Test
    void aSeedRepeatsTheFaultsAndAnotherBringsOthers() throws Exception {
        assertThat(through(7).received())
                .isEqualTo(through(7).received())
                .isNotEqualTo(through(8).received());
    }
}

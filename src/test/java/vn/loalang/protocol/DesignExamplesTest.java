package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples that came with the design of GB1; skipped where they are not beside the project. */
class DesignExamplesTest {
    /** Beside the project, or beside the directory of its work trees. */
    private static final Path EXAMPLES = java.util.stream.Stream.of("..", "../..")
            .map(above -> Path.of(above, "shared", "design", "protocol-examples"))
            .filter(Files::isDirectory)
            .findFirst()
            .orElse(Path.of("absent"));

    @BeforeEach
    void examplesAreThere() {
        assumeTrue(Files.isDirectory(EXAMPLES), "no design examples beside the project");
    }

    private static byte[] example(String name) throws Exception {
        return Files.readAllBytes(EXAMPLES.resolve(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keys.gb1",
                "keys-one-root.gb1",
                "keys-roots.gb1",
                "keys-rst.gb1",
                "keys-area.gb1",
                "site.gb1",
                "site-by-p1.gb1",
                "cfg.gb1",
                "plan2.gb1",
                "welcome.gb1",
                "jack.gb1",
                "now.gb1",
                "now-wide.gb1",
                "clear.gb1",
                "ses.gb1",
                "cmd.gb1",
                "fw.gb1",
                "manifest.gb1"
            })
    void documentsRoundTripToTheSameBytes(String name) throws Exception {
        Bytes payload = Envelope.parse(example(name)).payload();
        assertThat(Bytes.of(Document.decode(payload.toArray()).payload())).isEqualTo(payload);
    }

    @Test
    void upwardMessagesAndTheClaimFileRoundTripToTheSameBytes() throws Exception {
        assertThat(Hello.decode(example("hello.json")).encode()).isEqualTo(example("hello.json"));
        assertThat(Events.decode(example("ev.json")).encode()).isEqualTo(example("ev.json"));
        assertThat(Telemetry.decode(example("tel.json")).encode()).isEqualTo(example("tel.json"));
        assertThat(Need.decode(example("need.json")).encode()).isEqualTo(example("need.json"));
        for (String frame : List.of("block-last.bin", "block-end.bin")) {
            assertThat(BlockFrame.decode(example(frame)).encode()).isEqualTo(example(frame));
        }
        assertThat(BlockFrame.decode(example("block-end.bin")).isEnd()).isTrue();
        LiveFrame chunk = LiveFrame.decode(example("live-0.bin"));
        assertThat(chunk.encode()).isEqualTo(example("live-0.bin"));
        assertThat(chunk.isOf(new Sid("l251121-1"))).isTrue();
        Json.Obj keys = new Fields(StrictJson.parse(example("testkeys.json"))).object("keys");
        assertThat(chunk.isSignedBy(
                        PublicKey.parse(new Fields(keys).fields("live").string("pub"))))
                .isTrue();
        assertThat(chunk.isSignedBy(
                        PublicKey.parse(new Fields(keys).fields("device").string("pub"))))
                .isFalse();
        assertThat(ClaimFile.decode(example("claim.gbf")).encode()).isEqualTo(example("claim.gbf"));
    }

    @Test
    void theDeviceIdIsMadeFromTheKey() throws Exception {
        Json.Obj keys = new Fields(StrictJson.parse(example("testkeys.json"))).object("keys");
        assertThat(DeviceId.of(PublicKey.parse(new Fields(keys).fields("device").string("pub"))))
                .isEqualTo(new DeviceId("47VEBOR77OZPV6OS"));
        assertThat(List.copyOf(keys.members().keySet())).contains("r1", "device");
    }

    private static final long T1 = 1_763_700_000_000L;

    /** Welcomed with the examples' own keys and hello, with site, cfg and plan. */
    private static TestDevice welcomed() throws Exception {
        TestDevice device = claimed();
        device.clock = T1;
        device.helloSent(Hello.decode(example("hello.json")).bn());
        for (String step : FIRST) {
            assertThat(TestDevice.name(device.admit(example(step)))).isEqualTo("accept");
        }
        return device;
    }

    private static final List<String> FIRST = List.of("keys.gb1", "welcome.gb1", "site.gb1", "cfg.gb1", "plan2.gb1");

    /** When the examples' own text has a device look at a file. */
    private static long clock(String file) {
        if (file.startsWith("clear")) {
            return T1 + 900_777;
        }
        return switch (file) {
            case "ses.gb1" -> T1 + 2_000_000;
            case "keys-roots.gb1" -> T1 + 86_400_000;
            default -> T1 + 1000;
        };
    }

    private static TestDevice claimed() throws Exception {
        TestDevice device = new TestDevice();
        ClaimFile claim = ClaimFile.decode(example("claim.gbf"));
        device.state = DeviceState.claimed(
                new DeviceId("47VEBOR77OZPV6OS"), claim, 0, new JournalId("9f2c61aa"), Limits.DEVICE_MESSAGE);
        return device;
    }

    @TestFactory
    Stream<DynamicTest> theIndexHolds() throws Exception {
        return StrictJson.parse(("{\"index\":" + new String(example("index.json"), StandardCharsets.UTF_8) + "}")
                        .getBytes(StandardCharsets.UTF_8))
                .members()
                .values()
                .stream()
                .flatMap(index -> ((Json.Arr) index).items().stream())
                .map(entry -> new Fields((Json.Obj) entry))
                .filter(entry -> entry.string("file").endsWith(".gb1"))
                .filter(entry -> !FIRST.contains(entry.string("file")))
                .map(entry -> DynamicTest.dynamicTest(entry.string("file"), () -> {
                    TestDevice device = welcomed();
                    device.clock = clock(entry.string("file"));
                    assertThat(TestDevice.name(device.admit(example(entry.string("file")))))
                            .isEqualTo(entry.string("expect"));
                }));
    }

    @Test
    void theMixedOrderSoundsWithoutItsInvalidEntries() throws Exception {
        TestDevice device = welcomed();
        Admission.Accepted accepted = (Admission.Accepted) device.admit(example("now-mixed.gb1"));
        assertThat(accepted.skipped())
                .containsExactly(new Skipped(0, ErrorCode.E_SEM), new Skipped(1, ErrorCode.E_SEM));
        assertThat(device.state.orders())
                .extracting(order -> order.entry().sid().value())
                .containsExactly("good");
    }

    @Test
    void aCommuneCannotClearWhatTheProvinceOrdered() throws Exception {
        TestDevice device = welcomed();
        device.clock = T1 + 1000;
        device.admit(example("now.gb1"));
        device.admit(example("now-wide.gb1"));
        assertThat(device.state.orders()).hasSize(2);
        device.clock = T1 + 900_777;
        device.admit(example("clear-early.gb1"));
        assertThat(device.state.orders())
                .extracting(order -> order.entry().sid().value())
                .containsExactly("e251121-02");
        assertThat(device.state.marks().get(Row.parse("now@a/37.14329@x1")))
                .extracting(DeviceState.Mark::seq)
                .isEqualTo(T1 + 900_777 + 600_000);
        assertThat(device.state.floor()).isEqualTo(T1 + 900_777 + 600_000);
    }
}

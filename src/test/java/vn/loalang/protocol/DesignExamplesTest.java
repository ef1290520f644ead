package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
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
                "jack.gb1"
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
        assertThat(ClaimFile.decode(example("claim.gbf")).encode()).isEqualTo(example("claim.gbf"));
    }

    @Test
    void theDeviceIdIsMadeFromTheKey() throws Exception {
        Json.Obj keys = new Fields(StrictJson.parse(example("testkeys.json"))).object("keys");
        assertThat(DeviceId.of(PublicKey.parse(new Fields(keys).fields("device").string("pub"))))
                .isEqualTo(new DeviceId("47VEBOR77OZPV6OS"));
        assertThat(List.copyOf(keys.members().keySet())).contains("r1", "device");
    }

    /** Welcomed with the examples' own keys, hello and site. */
    private static TestDevice welcomed() throws Exception {
        TestDevice device = claimed();
        device.clock = 1_763_700_000_000L;
        device.admit(example("keys.gb1"));
        device.helloSent(Hello.decode(example("hello.json")).bn());
        device.admit(example("welcome.gb1"));
        device.admit(example("site.gb1"));
        return device;
    }

    private static TestDevice claimed() throws Exception {
        TestDevice device = new TestDevice();
        ClaimFile claim = ClaimFile.decode(example("claim.gbf"));
        device.state = DeviceState.claimed(
                new DeviceId("47VEBOR77OZPV6OS"), claim, 0, new JournalId("9f2c61aa"), Limits.DEVICE_MESSAGE);
        return device;
    }

    @TestFactory
    Stream<DynamicTest> theIndexHoldsForTheTypesOfThisProfile() throws Exception {
        Set<String> first = Set.of("keys.gb1", "welcome.gb1", "site.gb1");
        return StrictJson.parse(("{\"index\":" + new String(example("index.json"), StandardCharsets.UTF_8) + "}")
                        .getBytes(StandardCharsets.UTF_8))
                .members()
                .values()
                .stream()
                .flatMap(index -> ((Json.Arr) index).items().stream())
                .map(entry -> new Fields((Json.Obj) entry))
                .filter(entry -> entry.string("file").endsWith(".gb1"))
                .map(entry -> DynamicTest.dynamicTest(entry.string("file"), () -> {
                    String file = entry.string("file");
                    if (first.contains(file)) {
                        TestDevice device = claimed();
                        device.clock = 1_763_700_000_000L;
                        device.helloSent(Hello.decode(example("hello.json")).bn());
                        for (String step : List.of("keys.gb1", "welcome.gb1", "site.gb1")) {
                            assertThat(TestDevice.name(device.admit(example(step))))
                                    .isEqualTo("accept");
                            if (step.equals(file)) {
                                break;
                            }
                        }
                        return;
                    }
                    String expected = LATER.matcher(file).lookingAt() ? "E_DST" : entry.string("expect");
                    assertThat(TestDevice.name(welcomed().admit(example(file)))).isEqualTo(expected);
                }));
    }

    /** What this profile does not have yet is not for this device. */
    private static final Pattern LATER = Pattern.compile("now|clear|ses|cmd|fw|manifest");
}

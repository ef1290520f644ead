package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
}

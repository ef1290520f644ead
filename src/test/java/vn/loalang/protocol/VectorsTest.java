package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The vectors in {@code firmware-protocol/vectors} are the generated ones, and each gives what it promises. After a wanted
 * change {@code mvn test -Dtest=VectorsTest -Dvectors.write=true} writes them anew.
 */
class VectorsTest {
    private static final Path DIRECTORY = Path.of("firmware-protocol", "vectors");
    /** How the names of those begin that are refused by the reader of their kind, whose name follows. */
    private static final String WRONG = "bad-";

    private static final Map<String, Vectors.Vector> GENERATED = Vectors.generate();

    @BeforeAll
    static void writeIfAsked() throws IOException {
        if (Boolean.getBoolean("vectors.write")) {
            Files.createDirectories(DIRECTORY);
            for (String old : committed()) {
                Files.delete(DIRECTORY.resolve(old));
            }
            for (Vectors.Vector vector : GENERATED.values()) {
                Files.write(DIRECTORY.resolve(vector.file()), vector.bytes());
            }
            Files.write(DIRECTORY.resolve("index.json"), Vectors.index(GENERATED));
            Files.write(DIRECTORY.resolve("testkeys.json"), Vectors.testKeys());
            Files.write(DIRECTORY.resolve("scenarios.json"), Vectors.scenarios());
            for (Map.Entry<String, byte[]> cases : Vectors.cases().entrySet()) {
                Files.write(DIRECTORY.resolve(cases.getKey()), cases.getValue());
            }
        }
    }

    private static Set<String> committed() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return new TreeSet<>(files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("README.md"))
                    .toList());
        }
    }

    @Test
    void theCommittedVectorsAreTheGeneratedOnes() throws IOException {
        Set<String> names = new TreeSet<>(GENERATED.keySet());
        names.add("index.json");
        names.add("testkeys.json");
        names.add("scenarios.json");
        names.addAll(Vectors.cases().keySet());
        assertThat(committed()).isEqualTo(names);
        for (Vectors.Vector vector : GENERATED.values()) {
            assertThat(Files.readAllBytes(DIRECTORY.resolve(vector.file())))
                    .as(vector.file())
                    .isEqualTo(vector.bytes());
        }
        assertThat(Files.readAllBytes(DIRECTORY.resolve("scenarios.json"))).isEqualTo(Vectors.scenarios());
        for (Map.Entry<String, byte[]> cases : Vectors.cases().entrySet()) {
            assertThat(Files.readAllBytes(DIRECTORY.resolve(cases.getKey())))
                    .as(cases.getKey())
                    .isEqualTo(cases.getValue());
        }
        assertThat(Files.readAllBytes(DIRECTORY.resolve("index.json"))).isEqualTo(Vectors.index(GENERATED));
        assertThat(Files.readAllBytes(DIRECTORY.resolve("testkeys.json"))).isEqualTo(Vectors.testKeys());
    }

    @TestFactory
    Stream<DynamicTest> eachGivesWhatItPromises() {
        return GENERATED.values().stream()
                .map(vector -> DynamicTest.dynamicTest(
                        vector.file() + " → " + vector.expect(),
                        () -> assertThat(outcome(vector)).isEqualTo(vector.expect())));
    }

    @Test
    void everyErrorCodeHasAVector() {
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(GENERATED.values()).anyMatch(vector -> vector.expect().equals(code.name()));
        }
    }

    private static String outcome(Vectors.Vector vector) {
        if (vector.expect().equals("read")) {
            assertThat(reread(vector.file(), vector.bytes())).isEqualTo(vector.bytes());
            return "read";
        }
        if (vector.file().startsWith(WRONG)) {
            return refusal(vector.file().substring(WRONG.length()), vector.bytes());
        }
        TestDevice device = device(vector);
        Admission.Outcome outcome = device.take(vector);
        if (outcome instanceof Admission.Accepted accepted) {
            assertThat(accepted.skipped()).extracting(Skipped::index).isEqualTo(vector.skipped());
        }
        vector.state()
                .forEach((name, expected) ->
                        assertThat(known(device.state, name, expected)).as(name).isEqualTo(expected));
        return TestDevice.name(outcome);
    }

    /** What a device knows, in the form of the index. */
    private static Json known(DeviceState state, String name, Json expected) {
        return switch (name) {
            case "sids" ->
                Json.strings(state.orders().stream()
                        .map(order -> order.entry().sid().value())
                        .sorted()
                        .toList());
            case "floor" -> Json.of(state.floor());
            case "marks" -> {
                Json.Obj.Builder marks = Json.object();
                for (String row : ((Json.Obj) expected).members().keySet()) {
                    marks.put(row, state.hwm().getOrDefault(Row.parse(row), -1L));
                }
                yield marks.build();
            }
            default -> throw new IllegalStateException(name);
        };
    }

    private static TestDevice device(Vectors.Vector vector) {
        TestDevice device = new TestDevice();
        for (String earlier : vector.after()) {
            switch (earlier) {
                case "hello.json" -> device.helloSent(Vectors.NONCE);
                case ":hello" -> device.helloSent(Vectors.NONCE_2);
                case ":reconnect" -> device.state = device.state.disconnected();
                case ":60s" -> device.state = device.state.welcomeOverdue();
                default ->
                    assertThat(TestDevice.name(device.take(Objects.requireNonNull(GENERATED.get(earlier), earlier))))
                            .as(earlier)
                            .isEqualTo("accept");
            }
        }
        return device;
    }

    /** The code with which the reader of its kind refuses it. */
    private static String refusal(String name, byte[] bytes) {
        try {
            // What is a frame, and none of ours here and now, is let fall by the core alone: frames.json.
            boolean same = Arrays.equals(reread(name, bytes), bytes);
            return name.endsWith(".bin") && same ? "dropped" : "read";
        } catch (Refusal refusal) {
            return name.endsWith(".bin") && refusal.code() == ErrorCode.E_FMT
                    ? "dropped"
                    : refusal.code().name();
        }
    }

    /** The command that a report speaks of, as the topic names it. */
    private static Cid answered(String name) {
        return new Cid(
                name.startsWith("rep-log")
                        ? "c-report-log"
                        : name.startsWith("rep-doc") ? "c-report-doc" : "c-report-state");
    }

    private static byte[] reread(String name, byte[] bytes) {
        if (name.startsWith("usb")) {
            JournalFile journal = JournalFile.read(Vectors.SYS, bytes);
            if (!journal.id().equals(Vectors.ID)) {
                throw new Refusal(ErrorCode.E_KID, "no device of this deployment");
            }
            return journal.sign(TestKeys.device());
        }
        if (name.startsWith("live")) {
            return LiveFrame.decode(bytes).encode();
        }
        if (name.startsWith("block")) {
            return BlockFrame.decode(bytes).encode();
        }
        if (name.startsWith("need")) {
            return Need.decode(bytes).encode();
        }
        if (name.startsWith("rep")) {
            return Report.decode(answered(name), bytes).encode();
        }
        if (name.startsWith("claim")) {
            ClaimFile claim = ClaimFile.decode(bytes);
            if (!claim.fits(Vectors.ID, Optional.of("048213"))) {
                throw new Refusal(ErrorCode.E_DST, "the claim of another device");
            }
            return claim.encode();
        }
        if (name.startsWith("st-")) {
            return Presence.decode(bytes).encode();
        }
        if (name.startsWith("ev")) {
            return Events.decodeBatch(bytes).encode();
        }
        return name.startsWith("tel")
                ? Telemetry.decode(bytes).encode()
                : Hello.decode(bytes).encode();
    }
}

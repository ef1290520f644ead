package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
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
        }
    }

    private static Set<String> committed() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return new TreeSet<>(
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }

    @Test
    void theCommittedVectorsAreTheGeneratedOnes() throws IOException {
        Set<String> names = new TreeSet<>(GENERATED.keySet());
        names.add("index.json");
        names.add("testkeys.json");
        assertThat(committed()).isEqualTo(names);
        for (Vectors.Vector vector : GENERATED.values()) {
            assertThat(Files.readAllBytes(DIRECTORY.resolve(vector.file())))
                    .as(vector.file())
                    .isEqualTo(vector.bytes());
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
            assertThat(reread(vector)).isEqualTo(vector.bytes());
            return "read";
        }
        return TestDevice.name(device(vector).admit(vector.bytes()));
    }

    private static TestDevice device(Vectors.Vector vector) {
        TestDevice device = new TestDevice();
        device.clock = vector.t();
        for (String earlier : new ArrayList<>(vector.after())) {
            Vectors.Vector before = GENERATED.get(earlier);
            if (earlier.equals("hello.json")) {
                device.helloSent(Vectors.NONCE);
                continue;
            }
            long now = device.clock;
            device.clock = before.t();
            assertThat(TestDevice.name(device.admit(before.bytes())))
                    .as(earlier)
                    .isEqualTo("accept");
            device.clock = now;
        }
        return device;
    }

    private static byte[] reread(Vectors.Vector vector) {
        byte[] bytes = vector.bytes();
        String name = vector.file();
        if (name.startsWith("claim")) {
            return ClaimFile.decode(bytes).encode();
        }
        if (name.startsWith("st-")) {
            return Presence.decode(bytes).encode();
        }
        if (name.startsWith("ev")) {
            return Events.decode(bytes).encode();
        }
        return name.startsWith("tel")
                ? Telemetry.decode(bytes).encode()
                : Hello.decode(bytes).encode();
    }
}

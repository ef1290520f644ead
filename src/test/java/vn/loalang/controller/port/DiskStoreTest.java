package vn.loalang.controller.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskStoreTest {
    @TempDir
    Path directory;

    private Path log;

    @BeforeEach
    void name() {
        log = directory.resolve("memory.log");
    }

    @Test
    void whatWasPersistedIsThereAgain() throws IOException {
        try (var store = DiskStore.open(directory)) {
            store.persist(Map.of("plan", Optional.of("giờ phát"), "gone", Optional.of("x")));
            store.persist(Map.of("gone", Optional.empty()));
        }
        assertThat(reopened()).isEqualTo(Map.of("plan", "giờ phát"));
    }

    @Test
    void aBatchTornAtAnyByteIsForgottenWholeAndTheOthersStay() throws IOException {
        var states = new ArrayList<Map<String, String>>();
        var ends = new ArrayList<Long>();
        try (var store = DiskStore.open(directory)) {
            for (int i = 0; i < 5; i++) {
                states.add(store.content());
                ends.add(Files.size(log));
                store.persist(Map.of("a", Optional.of("value " + i), "b" + i, Optional.of("x".repeat(i))));
            }
            states.add(store.content());
            ends.add(Files.size(log));
        }
        var whole = Files.readAllBytes(log);
        for (int cut = 0; cut <= whole.length; cut++) {
            Files.write(log, java.util.Arrays.copyOf(whole, cut));
            assertThat(reopened()).as("cut after %d bytes", cut).isEqualTo(states.get(lastAtMost(ends, cut)));
        }
    }

    @Test
    void aFlippedBitInTheLastBatchIsNotBelieved() throws IOException {
        try (var store = DiskStore.open(directory)) {
            store.persist(Map.of("a", Optional.of("1")));
            store.persist(Map.of("a", Optional.of("2")));
        }
        var bytes = Files.readAllBytes(log);
        bytes[bytes.length - 1] ^= 1;
        Files.write(log, bytes);
        assertThat(reopened()).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void writingGoesOnAfterATornBatchWasCutOff() throws IOException {
        try (var store = DiskStore.open(directory)) {
            store.persist(Map.of("a", Optional.of("1")));
            store.persist(Map.of("a", Optional.of("2")));
        }
        var bytes = Files.readAllBytes(log);
        Files.write(log, java.util.Arrays.copyOf(bytes, bytes.length - 3));
        try (var store = DiskStore.open(directory)) {
            store.persist(Map.of("b", Optional.of("3")));
        }
        assertThat(reopened()).isEqualTo(Map.of("a", "1", "b", "3"));
    }

    @Test
    void theLogStaysSmallHoweverOftenThingsChange() throws IOException {
        var random = new Random(7);
        var expected = new HashMap<String, String>();
        try (var store = DiskStore.open(directory)) {
            for (int i = 0; i < 1_500; i++) {
                var key = "k" + random.nextInt(20);
                var value = "v" + i + "-".repeat(random.nextInt(3_000));
                store.persist(Map.of(key, Optional.of(value)));
                expected.put(key, value);
            }
        }
        assertThat(Files.size(log)).isLessThan(1_200_000);
        assertThat(reopened()).isEqualTo(expected);
    }

    @Test
    void aRewriteThatWasCutShortLeavesTheOldLogInForce() throws IOException {
        try (var store = DiskStore.open(directory)) {
            store.persist(Map.of("a", Optional.of("1")));
        }
        Files.write(directory.resolve("memory.log.new"), new byte[] {1, 2, 3});
        assertThat(reopened()).isEqualTo(Map.of("a", "1"));
        assertThat(directory.resolve("memory.log.new")).doesNotExist();
    }

    private Map<String, String> reopened() throws IOException {
        try (var store = DiskStore.open(directory)) {
            return store.content();
        }
    }

    private static int lastAtMost(List<Long> ends, long cut) {
        int last = 0;
        for (int i = 0; i < ends.size(); i++) if (ends.get(i) <= cut) last = i;
        return last;
    }
}

package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.SystemId;

class KeyStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-22T01:00:00Z");

    @TempDir
    Path home;

    @Test
    void twoRootsSignTheDeploymentsKeys() {
        for (var round = 0; round < 5; round++) {
            var store = KeyStore.create(home.resolve("k" + round), new SystemId("test"), NOW, passphrase -> {});
            var envelope = Envelope.parse(store.signedKeys());
            assertThat(envelope.lines()).hasSize(2);
            assertThat(envelope.isSignedBy(0, store.roots().get(0).x())).isTrue();
            assertThat(envelope.isSignedBy(1, store.roots().get(1).x())).isTrue();
            var keys = (Keys) Document.inMessage(store.signedKeys());
            assertThat(keys.keys()).extracting(key -> key.kid().value()).containsExactly("p1", "s1", "e1", "f1");
            assertThat(keys.quorum().n()).isEqualTo(1);
        }
    }

    @Test
    void loadingBringsTheSameKeysBack() {
        var made = KeyStore.create(home.resolve("keys"), new SystemId("test"), NOW, passphrase -> {});
        var loaded = KeyStore.load(home.resolve("keys"));
        assertThat(loaded.sys()).isEqualTo(made.sys());
        assertThat(loaded.roots()).isEqualTo(made.roots());
        assertThat(loaded.online().publicKey()).isEqualTo(made.online().publicKey());
        assertThat(loaded.site().orElseThrow().publicKey())
                .isEqualTo(made.site().orElseThrow().publicKey());
        assertThat(loaded.signedKeys()).isEqualTo(made.signedKeys());
    }

    @Test
    void theRootsOpenOnlyWithThePassphraseAndAreNotKeptOtherwise() throws Exception {
        List<String> told = new ArrayList<>();
        var store = KeyStore.create(home.resolve("keys"), new SystemId("test"), NOW, told::add);
        assertThat(told).hasSize(1);
        var file = store.sealedRootsStillHere().orElseThrow();
        assertThat(RootFile.open(file, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAAA")).isEmpty();
        var opened = RootFile.open(file, told.get(0)).orElseThrow();
        assertThat(opened).extracting(key -> key.kid().value()).containsExactly("r1", "r2", "r3", "f1");
        assertThat(opened.get(0).publicKey()).isEqualTo(store.roots().get(0).x());
        try (var files = Files.list(home.resolve("keys"))) {
            for (var each : files.toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                        .as(each.toString())
                        .isEqualTo("rw-------");
                var text = Files.readString(each);
                opened.forEach(key -> assertThat(text)
                        .doesNotContain(java.util.Base64.getEncoder().encodeToString(key.seed())));
            }
        }
        Files.delete(file);
        assertThat(store.sealedRootsStillHere()).isEmpty();
    }

    @Test
    void aStartThatBrokeOffBeginsAnew() throws Exception {
        var directory = home.resolve("keys");
        try {
            KeyStore.create(directory, new SystemId("test"), NOW, passphrase -> {
                throw new IllegalStateException("power cut");
            });
        } catch (IllegalStateException cut) {
            assertThat(cut).hasMessage("power cut");
        }
        assertThat(KeyStore.exists(directory)).isFalse();
        var store = KeyStore.create(directory, new SystemId("test"), NOW, passphrase -> {});
        assertThat(KeyStore.load(directory).roots()).isEqualTo(store.roots());
    }
}

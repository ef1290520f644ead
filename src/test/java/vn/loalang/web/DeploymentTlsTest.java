package vn.loalang.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.area.ServerSettings;

class DeploymentTlsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    @TempDir
    Path data;

    @Test
    void theCertificateNamesEveryWayToThisMachineAndKeysAreForItsUserOnly() throws Exception {
        var tls = at(NOW, "loa.tanlap.example");

        var names = tls.serverCertificate().getSubjectAlternativeNames().stream()
                .map(name -> String.valueOf(name.get(1)))
                .toList();
        assertThat(names)
                .contains("loa.tanlap.example", "localhost", "127.0.0.1")
                .containsAll(tls.hosts());
        assertThat(permissions("ca.key")).isEqualTo("rw-------");
        assertThat(permissions("server.key")).isEqualTo("rw-------");
        assertThat(permissions(".")).isEqualTo("rwx------");
        assertThat(tls.caPem()).startsWith("-----BEGIN CERTIFICATE-----");
        assertThat(tls.caFingerprint()).matches("[0-9a-f]{64}");
        assertThat(tls.keyStore("x".toCharArray()).getCertificateChain("server"))
                .hasSize(2);
        tls.serverCertificate()
                .verify(tls.keyStore("x".toCharArray())
                        .getCertificateChain("server")[1]
                        .getPublicKey());
    }

    @Test
    void aRestartKeepsEverythingAndANewNameOnlyTheAuthority() {
        var first = at(NOW, null);
        var again = at(NOW.plus(Duration.ofDays(30)), null);
        assertThat(again.serverCertificate()).isEqualTo(first.serverCertificate());

        var renamed = at(NOW, "loa.tanlap.example");
        assertThat(renamed.serverCertificate()).isNotEqualTo(first.serverCertificate());
        assertThat(renamed.caFingerprint()).isEqualTo(first.caFingerprint());
    }

    @Test
    void theServersCertificateIsRenewedLongBeforeItEnds() {
        var first = at(NOW, null);
        var later = at(NOW.plus(Duration.ofDays(300)), null);

        assertThat(later.serverCertificate()).isNotEqualTo(first.serverCertificate());
        assertThat(later.caFingerprint()).isEqualTo(first.caFingerprint());
    }

    private DeploymentTls at(Instant now, String publicHost) {
        return new DeploymentTls(new ServerSettings(data, publicHost), Clock.fixed(now, ZoneOffset.UTC));
    }

    private String permissions(String file) throws IOException {
        return PosixFilePermissions.toString(
                Files.getPosixFilePermissions(data.resolve("tls").resolve(file)));
    }
}

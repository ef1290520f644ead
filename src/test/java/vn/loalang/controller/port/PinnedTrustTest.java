package vn.loalang.controller.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;

/** A certificate whose days are over [CON-1b]: only a box that knows the time may turn its server away for that. */
class PinnedTrustTest {
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = THEN.plus(Duration.ofDays(400));
    private static final X500Name AUTHORITY = new X500Name("CN=authority");

    private final KeyPair authorityKey = pair();
    private final X509Certificate authority = certificate(AUTHORITY, authorityKey, 4_000, true);
    private final KeyPair serverKey = pair();
    private final X509Certificate expired = certificate(new X500Name("CN=server"), serverKey, 90, false);

    PinnedTrustTest() throws Exception {}

    @Test
    void datesCountOnlyOnceTheClockIsSynchronised() throws Exception {
        assertThat(greets(false)).isTrue();
        assertThatThrownBy(() -> greets(true)).isInstanceOf(SSLException.class);
    }

    /** Whether a box whose clock is (not) synchronised gets through to the server. */
    private boolean greets(boolean synchronised) throws Exception {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", serverKey.getPrivate(), new char[0], new X509Certificate[] {expired});
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        var pem = new StringWriter();
        try (var writer = new JcaPEMWriter(pem)) {
            writer.writeObject(authority);
        }
        var sockets =
                PinnedTrust.sockets(List.of(pem.toString()), () -> synchronised, Clock.fixed(LATER, ZoneOffset.UTC));
        var loopback = InetAddress.getLoopbackAddress();
        try (var listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 1, loopback)) {
            var server = new Thread(() -> {
                try (var accepted = (SSLSocket) listener.accept()) {
                    accepted.startHandshake();
                    accepted.getOutputStream().write(7);
                } catch (IOException refused) {
                    // The box says why.
                    Thread.currentThread().interrupt();
                }
            });
            server.start();
            try (var socket = sockets.createSocket(loopback, listener.getLocalPort())) {
                return socket.getInputStream().read() == 7;
            } finally {
                server.join();
            }
        }
    }

    private static KeyPair pair() throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private X509Certificate certificate(X500Name subject, KeyPair key, int days, boolean signs) throws Exception {
        var builder = new JcaX509v3CertificateBuilder(
                        AUTHORITY,
                        BigInteger.valueOf(days),
                        Date.from(THEN),
                        Date.from(THEN.plus(Duration.ofDays(days))),
                        subject,
                        key.getPublic())
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(signs));
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(authorityKey.getPrivate())));
    }
}

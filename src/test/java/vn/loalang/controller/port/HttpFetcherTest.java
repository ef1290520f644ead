package vn.loalang.controller.port;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.controller.core.Input;
import vn.loalang.controller.core.Output;
import vn.loalang.protocol.Hash;

/** What a device tells the servers it is led to when it fetches sound. */
class HttpFetcherTest {
    private static final byte[] SOUND = new byte[1_000];
    private static final Hash HASH = Hash.of(SOUND);

    private static final Instant TODAY = Instant.parse("2026-06-01T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration YEAR = Duration.ofDays(365);

    private final Authority ours = new Authority();
    private final Authority theirs = new Authority();

    @TempDir
    java.nio.file.Path directory;

    private final List<String> credentials = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<Input> answers = new LinkedBlockingQueue<>();
    private HttpServer own;
    private HttpServer foreign;

    HttpFetcherTest() throws Exception {}

    @BeforeEach
    void servers() throws IOException {
        own = server("own");
        foreign = server("foreign");
        own.createContext("/led/", exchange -> redirect(exchange, at(foreign) + "/a/" + HASH.b64u()));
        own.createContext("/moved/", exchange -> redirect(exchange, at(own) + "/a/" + HASH.b64u()));
        own.createContext("/round/", exchange -> redirect(exchange, at(own) + "/round/" + HASH.b64u()));
    }

    @AfterEach
    void stop() {
        own.stop(0);
        foreign.stop(0);
    }

    private HttpServer server(String name) throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sound(name, server);
        server.start();
        return server;
    }

    private void sound(String name, HttpServer server) {
        server.createContext("/a/", exchange -> {
            note(name, exchange);
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-999/1000");
            exchange.sendResponseHeaders(206, SOUND.length);
            exchange.getResponseBody().write(SOUND);
            exchange.close();
        });
    }

    private void note(String name, HttpExchange exchange) {
        credentials.add(name + (exchange.getRequestHeaders().containsKey("Authorization") ? " told" : " not told"));
    }

    private void redirect(HttpExchange exchange, String to) throws IOException {
        note("own", exchange);
        exchange.getResponseHeaders().set("Location", to);
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    private static String at(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private boolean fetches(String base) throws Exception {
        return fetches(at(own) + base, null);
    }

    private boolean fetches(String base, SSLSocketFactory tls) throws Exception {
        try (var fetcher = new HttpFetcher(
                new AssetFiles(directory), tls, "box", "a secret of the test", answers::add, line -> {})) {
            fetcher.fetch(new Output.Fetch(HASH, base + HASH.b64u(), 0, SOUND.length));
            var answer = answers.poll(20, TimeUnit.SECONDS);
            assertThat(answer).isInstanceOf(Input.Fetched.class);
            return ((Input.Fetched) answer).ok();
        }
    }

    /** [AST-1d]. */
    @Test
    void aForeignHostNeverLearnsThePassword() throws Exception {
        assertThat(fetches("/led/")).isTrue();
        assertThat(credentials).containsExactly("own told", "foreign not told");
    }

    @Test
    void theSameHostLearnsItAgainAfterARedirect() throws Exception {
        assertThat(fetches("/moved/")).isTrue();
        assertThat(credentials).containsExactly("own told", "own told");
    }

    /** [AST-1b]. */
    @Test
    void whoIsLedInCirclesGivesUpAfterTwoRedirects() throws Exception {
        assertThat(fetches("/round/")).isFalse();
        assertThat(credentials).hasSize(3);
    }

    /** [AST-1c]: the name, the chain and, once the time is known, the dates, as on the way to the broker [CON-1]. */
    @Test
    void aServerThatIsNotTheOneNamedOrNotOfTheDeploymentGivesNothing() throws Exception {
        assertThat(fetchesSecurely("localhost", ours, TODAY.plus(YEAR), true))
                .as("the right one")
                .isTrue();
        assertThat(fetchesSecurely("elsewhere.example", ours, TODAY.plus(YEAR), true))
                .as("another name")
                .isFalse();
        assertThat(fetchesSecurely("localhost", theirs, TODAY.plus(YEAR), true))
                .as("another authority")
                .isFalse();
        assertThat(fetchesSecurely("localhost", ours, TODAY.minus(DAY), true))
                .as("expired")
                .isFalse();
        assertThat(fetchesSecurely("localhost", ours, TODAY.minus(DAY), false))
                .as("expired, as far as anybody knows")
                .isTrue();
        assertThat(credentials).as("the password went to nobody else").containsExactly("secure told", "secure told");
    }

    private boolean fetchesSecurely(String name, Authority signer, Instant until, boolean synchronised)
            throws Exception {
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(signer.serverCalled(name, until)));
        sound("secure", server);
        server.start();
        try {
            Files.deleteIfExists(new AssetFiles(directory).part(HASH));
            var tls = PinnedTrust.sockets(List.of(ours.pem()), () -> synchronised, Clock.fixed(TODAY, ZoneOffset.UTC));
            return fetches("https://localhost:" + server.getAddress().getPort() + "/a/", tls);
        } finally {
            server.stop(0);
        }
    }

    /** Somebody who signs certificates. */
    private static final class Authority {
        private static final X500Name NAME = new X500Name("CN=authority");

        private final KeyPair key = pair();
        private final X509Certificate certificate;

        Authority() throws Exception {
            certificate = sign(NAME, key, TODAY.plus(YEAR), "authority", true);
        }

        String pem() throws IOException {
            var pem = new StringWriter();
            try (var writer = new JcaPEMWriter(pem)) {
                writer.writeObject(certificate);
            }
            return pem.toString();
        }

        SSLContext serverCalled(String name, Instant until) throws Exception {
            var mine = pair();
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", mine.getPrivate(), new char[0], new X509Certificate[] {
                sign(new X500Name("CN=server"), mine, until, name, false)
            });
            var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(store, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        }

        private X509Certificate sign(X500Name subject, KeyPair of, Instant until, String name, boolean signs)
                throws Exception {
            var builder = new JcaX509v3CertificateBuilder(
                            NAME,
                            BigInteger.valueOf(until.getEpochSecond()),
                            Date.from(TODAY.minus(YEAR)),
                            Date.from(until),
                            subject,
                            of.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(signs))
                    .addExtension(
                            Extension.subjectAlternativeName,
                            false,
                            new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate())));
        }

        private static KeyPair pair() throws Exception {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        }
    }
}

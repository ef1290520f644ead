package vn.loalang;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.SecureRandom;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import vn.loalang.web.Addresses;
import vn.loalang.web.DeploymentTls;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class ServerStartsTest {
    @Autowired
    Addresses addresses;

    @Autowired
    DeploymentTls tls;

    @Test
    void loginIsServedOverHttp2UnderTheDeploymentsOwnAuthority() throws Exception {
        var client = HttpClient.newBuilder().sslContext(trustingOnly(tls)).build();
        var answer = client.send(
                HttpRequest.newBuilder(URI.create(
                                "https://localhost:" + addresses.httpsPort().orElseThrow() + "/login"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(answer.body()).contains("Đăng nhập").contains("lang=\"vi\"");
        assertThat(answer.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy ->
                        assertThat(policy).contains("default-src 'self'").doesNotContain("unsafe"));
        assertThat(answer.headers().firstValue("Strict-Transport-Security")).isEmpty();
    }

    @Test
    void plainHttpListensOnLoopbackOnly() throws Exception {
        var port = addresses.httpPort().orElseThrow();
        var answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/login"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        for (var address : Addresses.ownAddresses()) {
            var elsewhere = java.net.InetAddress.getByName(address);
            try (var socket = new java.net.Socket()) {
                assertThat(org.assertj.core.api.Assertions.catchThrowable(
                                () -> socket.connect(new java.net.InetSocketAddress(elsewhere, port), 500)))
                        .as("http from " + address)
                        .isInstanceOf(java.io.IOException.class);
            }
        }
    }

    private static SSLContext trustingOnly(DeploymentTls tls) throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = java.nio.file.Files.newInputStream(tls.caCertificateFile())) {
            store.setCertificateEntry(
                    "ca",
                    java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), new SecureRandom());
        return context;
    }
}

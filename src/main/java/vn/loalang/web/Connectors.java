package vn.loalang.web;

import java.net.InetAddress;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http2.Http2Protocol;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Http2;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * https with HTTP/2 on all addresses (six open pages would exhaust HTTP/1.1's connections, and browsers give the microphone
 * to secure pages only), and plain http for this machine alone.
 */
@Component
final class Connectors implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    private static final int RESET_WEIGHT = 10;

    private final WebSettings settings;
    private final ObjectProvider<DeploymentTls> tls;
    private final Addresses addresses;

    Connectors(WebSettings settings, ObjectProvider<DeploymentTls> tls, Addresses addresses) {
        this.settings = settings;
        this.tls = tls;
        this.addresses = addresses;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        var certificates = tls.getObject();
        var ssl = new Ssl();
        ssl.setCertificate(certificates.serverCertificateFile().toUri().toString());
        ssl.setCertificatePrivateKey(certificates.serverKeyFile().toUri().toString());
        ssl.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        factory.setSsl(ssl);
        var http2 = new Http2();
        http2.setEnabled(true);
        factory.setHttp2(http2);
        factory.addConnectorCustomizers(Connectors::forgiveAbandonedStreams);
        var http = new Connector();
        http.setPort(settings.httpPort());
        if (http.getProtocolHandler() instanceof AbstractHttp11Protocol<?> protocol) {
            protocol.setAddress(InetAddress.getLoopbackAddress());
        }
        factory.addAdditionalConnectors(http);
        addresses.http(http);
    }

    /**
     * Every page holds one stream of live updates, which the browser abandons when it goes to the next page. Tomcat counts such
     * resets as an attack and would hang up after some ten pages; one weighs less than the requests that come with it.
     *
     * <p>A stream abandoned while an update is being written can be recycled twice, and two later requests then share one request
     * object: wrong answers, "Mapping was already done on this request", or worse another person's data. So no request object is
     * ever used a second time.
     */
    private static void forgiveAbandonedStreams(Connector connector) {
        for (var protocol : connector.findUpgradeProtocols()) {
            if (protocol instanceof Http2Protocol http2) {
                http2.setOverheadResetFactor(RESET_WEIGHT);
                http2.setDiscardRequestsAndResponses(true);
            }
        }
    }
}

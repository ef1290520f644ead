package vn.loalang.controller.port;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Trusts exactly the authorities in the claim file (CON-1). Dates are checked only when the clock is synchronised: a box that
 * wakes in 1970 must still reach its server, and documents carry their own signatures. Names are checked by the socket.
 */
final class PinnedTrust implements X509TrustManager {
    private final Set<TrustAnchor> anchors = new HashSet<>();
    private final List<X509Certificate> authorities = new ArrayList<>();
    private final BooleanSupplier synchronised;
    private final Clock wall;

    private PinnedTrust(List<String> pem, BooleanSupplier synchronised, Clock wall) throws GeneralSecurityException {
        this.synchronised = synchronised;
        this.wall = wall;
        var factory = CertificateFactory.getInstance("X.509");
        for (var text : pem) {
            var bytes = new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
            for (var certificate : factory.generateCertificates(bytes)) {
                authorities.add((X509Certificate) certificate);
                anchors.add(new TrustAnchor((X509Certificate) certificate, null));
            }
        }
        if (anchors.isEmpty()) throw new CertificateException("The claim file holds no certificate authority");
    }

    /**
     * Sockets that trust these authorities only.
     *
     * @param pem certificates
     * @param synchronised whether certificate dates may be judged now
     * @throws GeneralSecurityException if a certificate cannot be read
     */
    static SSLSocketFactory sockets(List<String> pem, BooleanSupplier synchronised, Clock wall)
            throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new PinnedTrust(pem, synchronised, wall)}, null);
        return context.getSocketFactory();
    }

    @Override
    @SuppressWarnings("JavaUtilDate") // the certificate API knows nothing newer
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        try {
            var path = new ArrayList<X509Certificate>();
            for (var certificate : chain) {
                if (authorities.contains(certificate)) break;
                path.add(certificate);
            }
            if (path.isEmpty()) return;
            var parameters = new PKIXParameters(anchors);
            parameters.setRevocationEnabled(false);
            parameters.setDate(
                    synchronised.getAsBoolean()
                            ? Date.from(wall.instant())
                            : new Date(path.get(0).getNotBefore().getTime() + 1));
            CertPathValidator.getInstance("PKIX")
                    .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        } catch (CertificateException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new CertificateException("Not from an authority of the claim file: " + e.getMessage(), e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("A controller serves nobody");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.toArray(X509Certificate[]::new);
    }
}

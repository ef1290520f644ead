package vn.loalang.conformance;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * TLS at both ends of the proxy, which has to read what passes: towards the controllers with an authority made for this run, which
 * their claim file names, towards the broker with the authority of the broker.
 */
final class KitTls {
    private static final String HOST = "127.0.0.1";
    private static final char[] NO_SECRET = "for this run alone".toCharArray();
    private static final String SIGNATURE = "SHA256withECDSA";

    private final String authority;
    private final SSLContext towardsControllers;
    private final SSLSocketFactory towardsBroker;

    private KitTls(String authority, SSLContext towardsControllers, SSLSocketFactory towardsBroker) {
        this.authority = authority;
        this.towardsControllers = towardsControllers;
        this.towardsBroker = towardsBroker;
    }

    /**
     * @param ca PEM file with the authorities that may stand behind the broker's certificate
     * @throws IOException if the file cannot be read or names no authority
     */
    static KitTls of(Path ca, Clock clock) throws IOException {
        try {
            var made = made(clock);
            return new KitTls(pem((X509Certificate) made.getCertificate("authority")), serving(made), trusting(ca));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("TLS with " + ca + " is not possible: " + e.getMessage(), e);
        }
    }

    /** The authority that controllers must pin, PEM. */
    String authority() {
        return authority;
    }

    /** For connections to the broker. */
    SSLSocketFactory broker() {
        return towardsBroker;
    }

    /** The controller's side of a connection; shakes hands with the first byte. */
    Socket fromController(Socket plain) throws IOException {
        var socket = (SSLSocket) towardsControllers.getSocketFactory().createSocket(plain, HOST, plain.getPort(), true);
        socket.setUseClientMode(false);
        return socket;
    }

    /** The broker's side of a connection; the name of its certificate must be that of the address. */
    Socket toBroker(Socket plain, InetSocketAddress broker) throws IOException {
        var socket = (SSLSocket) towardsBroker.createSocket(plain, broker.getHostString(), broker.getPort(), true);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static KeyStore made(Clock clock) throws GeneralSecurityException, OperatorCreationException, IOException {
        var maker = KeyPairGenerator.getInstance("EC");
        maker.initialize(new ECGenParameterSpec("secp256r1"));
        var root = maker.generateKeyPair();
        var own = maker.generateKeyPair();
        var now = clock.instant();
        var from = Date.from(now.minus(Duration.ofDays(1)));
        var to = Date.from(now.plus(Duration.ofDays(30)));
        var issuer = new X500Name("CN=Conformance kit " + serial().toString(36));
        var signer = new JcaContentSignerBuilder(SIGNATURE).build(root.getPrivate());
        var authority = new JcaX509v3CertificateBuilder(issuer, serial(), from, to, issuer, root.getPublic());
        authority.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        var server = new JcaX509v3CertificateBuilder(
                issuer, serial(), from, to, new X500Name("CN=" + HOST), own.getPublic());
        server.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        server.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.iPAddress, HOST), new GeneralName(GeneralName.dNSName, "localhost")
        }));
        var converter = new JcaX509CertificateConverter();
        var rootCertificate = converter.getCertificate(authority.build(signer));
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("authority", rootCertificate);
        store.setKeyEntry("server", own.getPrivate(), NO_SECRET, new X509Certificate[] {
            converter.getCertificate(server.build(signer)), rootCertificate
        });
        return store;
    }

    private static SSLContext serving(KeyStore store) throws GeneralSecurityException {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_SECRET);
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static SSLSocketFactory trusting(Path ca) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var in = Files.newInputStream(ca)) {
            for (var one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + store.size(), one);
            }
        }
        if (store.size() == 0) throw new IOException(ca + " holds no certificate.");
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    private static String pem(X509Certificate certificate) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            writer.writeObject(certificate);
        }
        return text.toString();
    }

    private static BigInteger serial() {
        return new BigInteger(63, new SecureRandom());
    }
}

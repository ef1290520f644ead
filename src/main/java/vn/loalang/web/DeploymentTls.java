package vn.loalang.web;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.springframework.stereotype.Component;
import vn.loalang.area.DurableFile;
import vn.loalang.area.ServerSettings;

/**
 * The deployment's own certificate authority and the server's certificate, made at first start and kept under
 * {@code <data>/tls}, readable by the server's user only. Browsers and the broker's TLS listener use the same server
 * certificate; controllers pin the authority. The server certificate is made anew when names or addresses changed or a
 * third of its life is left; the authority stays.
 */
@Component
public final class DeploymentTls {
    private static final Duration CA_LIFE = Duration.ofDays(20 * 365L);
    /** Browsers refuse longer ones even under an authority that the owner installed. */
    private static final Duration SERVER_LIFE = Duration.ofDays(397);

    private static final Duration BACKDATED = Duration.ofDays(1);
    private static final String SIGNATURE = "SHA256withECDSA";

    private final Path directory;
    private final ServerSettings settings;
    private final Clock clock;
    private final X509Certificate ca;
    private final X509Certificate server;
    private final PrivateKey serverKey;

    DeploymentTls(ServerSettings settings, Clock clock) {
        this.directory = settings.dataPath().resolve("tls");
        this.settings = settings;
        this.clock = clock;
        try {
            Files.createDirectories(directory);
            DurableFile.restrict(directory, DurableFile.SECRET_FOLDER);
            if (!Files.exists(caKeyFile())) {
                makeAuthority();
            }
            this.ca = certificate(caCertificateFile());
            if (!Files.exists(serverKeyFile()) || !stillGood(certificate(serverCertificateFile()))) {
                makeServerCertificate();
            }
            this.server = certificate(serverCertificateFile());
            this.serverKey = key(serverKeyFile());
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("Cannot make or read the certificates in " + directory, e);
        }
    }

    /** PEM file of the authority's certificate, which controllers pin. */
    public Path caCertificateFile() {
        return directory.resolve("ca.crt");
    }

    /** PEM file with the server's certificate followed by the authority's. */
    public Path serverCertificateFile() {
        return directory.resolve("server.crt");
    }

    /** PEM file of the server's private key, PKCS #8, not encrypted, mode 0600. */
    public Path serverKeyFile() {
        return directory.resolve("server.key");
    }

    /** The authority's certificate as PEM. */
    public String caPem() {
        try {
            return Files.readString(caCertificateFile(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new IllegalStateException("Cannot read " + caCertificateFile(), e);
        }
    }

    /** SHA-256 of the authority's certificate, 64 lower-case hex digits. */
    public String caFingerprint() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(ca.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Cannot hash a certificate", e);
        }
    }

    /** The server's certificate. */
    public X509Certificate serverCertificate() {
        return server;
    }

    /**
     * Key store with the server's key and chain under the alias {@code server}, for listeners that want one.
     *
     * @param password protects the key inside it
     */
    public KeyStore keyStore(char[] password) {
        try {
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", serverKey, password, new X509Certificate[] {server, ca});
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Cannot build a key store", e);
        }
    }

    /** Names and addresses the server certificate is for. */
    List<String> hosts() {
        var hosts = new LinkedHashSet<String>();
        var publicHost = settings.publicHost();
        if (publicHost != null) {
            hosts.add(publicHost);
        }
        hosts.add("localhost");
        hosts.add("127.0.0.1");
        hosts.add("0:0:0:0:0:0:0:1");
        try {
            hosts.add(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            // A machine without a name is reached by its addresses.
            hosts.add("loa.lan");
        }
        hosts.addAll(Addresses.ownAddresses());
        return List.copyOf(hosts);
    }

    private Path caKeyFile() {
        return directory.resolve("ca.key");
    }

    private void makeAuthority() throws IOException, GeneralSecurityException, OperatorCreationException {
        var pair = newPair();
        var random = HexFormat.of().formatHex(randomBytes(4));
        var name = new X500Name("CN=Loa Lang " + random);
        var now = clock.instant();
        var builder = new JcaX509v3CertificateBuilder(
                name, serial(), Date.from(now.minus(BACKDATED)), Date.from(now.plus(CA_LIFE)), name, pair.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
        var signer = new JcaContentSignerBuilder(SIGNATURE).build(pair.getPrivate());
        var certificate = new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        // Claim files carry this authority out to the poles: after a power cut it must still be the same one.
        DurableFile.write(caCertificateFile(), pem(certificate), DurableFile.READABLE);
        DurableFile.write(caKeyFile(), pem(new JcaPKCS8Generator(pair.getPrivate(), null)), DurableFile.SECRET);
    }

    private void makeServerCertificate() throws IOException, GeneralSecurityException, OperatorCreationException {
        var pair = newPair();
        var now = clock.instant();
        var hosts = hosts();
        var builder = new JcaX509v3CertificateBuilder(
                ca,
                serial(),
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(SERVER_LIFE)),
                new X500Name("CN=Loa Lang server"),
                pair.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(
                Extension.authorityKeyIdentifier, false, new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(ca));
        builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(hosts));
        var signer = new JcaContentSignerBuilder(SIGNATURE).build(key(caKeyFile()));
        var certificate = new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        // The key first: a certificate without its key would look finished at the next start.
        Files.deleteIfExists(serverCertificateFile());
        DurableFile.write(serverKeyFile(), pem(new JcaPKCS8Generator(pair.getPrivate(), null)), DurableFile.SECRET);
        DurableFile.write(serverCertificateFile(), pem(certificate, ca), DurableFile.READABLE);
    }

    private boolean stillGood(X509Certificate certificate) throws GeneralSecurityException {
        var names = new ArrayList<String>();
        var present = certificate.getSubjectAlternativeNames();
        if (present != null) {
            present.forEach(entry -> names.add(String.valueOf(entry.get(1))));
        }
        var left = Duration.between(clock.instant(), certificate.getNotAfter().toInstant());
        return names.containsAll(hosts())
                && left.compareTo(SERVER_LIFE.dividedBy(3)) > 0
                && !certificate.getNotBefore().toInstant().isAfter(clock.instant());
    }

    private static GeneralNames alternativeNames(List<String> hosts) {
        return new GeneralNames(hosts.stream()
                .map(host -> new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host))
                .toArray(GeneralName[]::new));
    }

    private static boolean isAddress(String host) {
        return host.contains(":") || host.matches("\\d{1,3}(\\.\\d{1,3}){3}");
    }

    private static KeyPair newPair() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static BigInteger serial() {
        return new BigInteger(1, randomBytes(16)).add(BigInteger.ONE);
    }

    private static byte[] randomBytes(int count) {
        var bytes = new byte[count];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    private static byte[] pem(Object... things) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            for (var thing : things) {
                writer.writeObject(thing);
            }
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static X509Certificate certificate(Path file) throws IOException, GeneralSecurityException {
        if (!Files.exists(file)) {
            throw new GeneralSecurityException(file + " is missing; its key alone is of no use");
        }
        try (var in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static PrivateKey key(Path file) throws IOException {
        try (var parser = new PEMParser(Files.newBufferedReader(file, StandardCharsets.US_ASCII))) {
            return new JcaPEMKeyConverter().getPrivateKey(PrivateKeyInfo.getInstance(parser.readObject()));
        }
    }
}

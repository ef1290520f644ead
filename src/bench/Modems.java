import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Boxes behind bad modems: each fetches the same recording again and again, at so many bytes a second, over TLS. Arguments: port, hash,
 * the fleet's devices.tsv, how many boxes (those that come first by their ids), bytes a second. Says once a minute what came. Nobody
 * checks certificates here: the server's was made for the run.
 */
final class Modems {
    private static final int PAUSE_MS = 250;

    private final int port;
    private final String hash;
    private final int rate;
    private final SSLContext tls;
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong troubles = new AtomicLong();

    private Modems(int port, String hash, int rate) throws GeneralSecurityException {
        this.port = port;
        this.hash = hash;
        this.rate = rate;
        tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new Anyone()}, null);
    }

    public static void main(String[] args) throws IOException, GeneralSecurityException, InterruptedException {
        var modems = new Modems(Integer.parseInt(args[0]), args[1], Integer.parseInt(args[4]));
        List<String> boxes = Files.readAllLines(Path.of(args[2])).stream().sorted().limit(Long.parseLong(args[3])).toList();
        for (String box : boxes) {
            String[] fields = box.split("\\s+");
            var line = new Thread(null, () -> modems.fetch(fields[0] + ":" + fields[2]), "modem", 256 * 1024);
            line.setDaemon(true);
            line.start();
            // They do not all begin at once: each at its own moment of half a minute.
            Thread.sleep(30_000 / boxes.size());
        }
        while (true) {
            long before = modems.bytes.get();
            Thread.sleep(60_000);
            System.out.printf("%d boxes fetch: %d whole recordings so far, %d KB/s now, %d troubles%n",
                    boxes.size(), modems.files.get(), (modems.bytes.get() - before) / 60_000, modems.troubles.get());
        }
    }

    private void fetch(String credentials) {
        var request = ("GET /gb1/a/" + hash + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nAuthorization: Basic "
                        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8))
                        + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        var buffer = new byte[rate * PAUSE_MS / 1_000];
        while (true) {
            try (var socket = (SSLSocket) tls.getSocketFactory().createSocket()) {
                // What the box has not read yet holds the server up, not this machine's buffers.
                socket.setReceiveBufferSize(rate);
                socket.connect(new InetSocketAddress("127.0.0.1", port), 30_000);
                socket.setSoTimeout(60_000);
                socket.getOutputStream().write(request);
                var in = socket.getInputStream();
                var head = in.readNBytes(12);
                if (!new String(head, StandardCharsets.US_ASCII).endsWith(" 200")) throw new IOException("refused");
                for (int n = in.readNBytes(buffer, 0, buffer.length); n > 0; n = in.readNBytes(buffer, 0, buffer.length)) {
                    bytes.addAndGet(n);
                    Thread.sleep(PAUSE_MS);
                }
                files.incrementAndGet();
            } catch (IOException e) {
                troubles.incrementAndGet();
                if (!paused()) return;
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static boolean paused() {
        try {
            Thread.sleep(10_000);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static final class Anyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

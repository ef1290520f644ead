package vn.loalang.controller.port;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.Input;
import vn.loalang.controller.core.Output;
import vn.loalang.protocol.Hash;

/** Fetches ranges of assets over HTTP(S) into their parts, one at a time, and hashes whole ones. */
final class HttpFetcher implements AutoCloseable {
    private static final int CONNECT_MS = 10_000;
    private static final int READ_MS = 20_000;
    private static final int REDIRECTS = 2;

    private final AssetFiles files;
    private final @Nullable SSLSocketFactory tls;
    private final String authorization;
    private final Consumer<Input> answers;
    private final Consumer<String> log;
    /** The request on its way. */
    private volatile @Nullable HttpURLConnection current;

    private volatile boolean aborted;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> {
        var thread = new Thread(task, "fetch");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param tls pins the deployment's CA; null trusts the machine's
     * @param user name and password of the device at the server
     */
    HttpFetcher(
            AssetFiles files,
            @Nullable SSLSocketFactory tls,
            String user,
            String password,
            Consumer<Input> answers,
            Consumer<String> log) {
        this.files = files;
        this.tls = tls;
        this.authorization =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        this.answers = answers;
        this.log = log;
    }

    void fetch(Output.Fetch order) {
        aborted = false;
        worker.execute(() -> {
            long before = 0;
            long after = 0;
            boolean ok = false;
            try {
                before = files.partLength(order.hash());
                ok = download(order, before);
            } catch (IOException | URISyntaxException | IllegalArgumentException e) {
                log.accept("Audio " + shortly(order.hash()) + " did not come (" + e + "); tried again later.");
            }
            try {
                after = files.partLength(order.hash());
            } catch (IOException e) {
                log.accept("Audio " + shortly(order.hash()) + " cannot be read back (" + e + "); tried again later.");
            }
            answers.accept(
                    new Input.Fetched(order.hash(), after, Math.max(0, after - before), ok && after >= order.to()));
        });
    }

    /** Breaks off what is on its way, so that nothing competes for the link. */
    void abort() {
        var open = current;
        aborted = true;
        if (open != null) open.disconnect();
    }

    void verify(Output.Verify order) {
        worker.execute(() -> {
            try {
                answers.accept(new Input.Verified(order.hash(), files.verify(order.hash(), order.size())));
            } catch (IOException e) {
                log.accept("Audio " + shortly(order.hash()) + " cannot be kept (" + e + "); fetched again later.");
                answers.accept(new Input.Verified(order.hash(), false));
            }
        });
    }

    void place(Output.Place order) {
        worker.execute(() -> {
            try {
                files.place(order.hash(), order.offset(), order.bytes().toArray());
            } catch (IOException e) {
                log.accept("A piece of audio " + shortly(order.hash()) + " cannot be kept (" + e
                        + "); the whole is fetched again later.");
            }
        });
    }

    /** Copies an asset from elsewhere on this machine. */
    void bring(Output.Bring order, Path from) {
        worker.execute(() -> {
            try {
                answers.accept(new Input.Verified(order.hash(), files.bring(from, order.hash(), order.size())));
            } catch (IOException e) {
                log.accept("Audio " + shortly(order.hash()) + " cannot be read from the stick (" + e + ").");
                answers.accept(new Input.Verified(order.hash(), false));
            }
        });
    }

    void discard(Output.Discard order) {
        worker.execute(() -> {
            try {
                files.discard(order.hash());
            } catch (IOException e) {
                log.accept("Audio " + shortly(order.hash()) + " cannot be deleted (" + e + "); it stays.");
            }
        });
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }

    private boolean download(Output.Fetch order, long have) throws IOException, URISyntaxException {
        if (have >= order.to()) return true;
        var uri = new URI(order.url());
        var origin = uri.getAuthority();
        for (int hop = 0; hop <= REDIRECTS && !aborted; hop++) {
            var connection = open(uri);
            current = connection;
            // A redirect to another host must not learn this device's password.
            if (origin.equals(uri.getAuthority())) connection.setRequestProperty("Authorization", authorization);
            connection.setRequestProperty("Range", "bytes=" + have + "-" + (order.to() - 1));
            connection.setRequestProperty("Accept-Encoding", "identity");
            var status = connection.getResponseCode();
            if (status == 206 && startsAt(connection, have)) return copy(connection, order, have);
            if (status == 200 && have == 0) return copy(connection, order, 0);
            var next = connection.getHeaderField("Location");
            drain(connection);
            if (status / 100 != 3 || next == null)
                throw new IOException("HTTP " + status + " from " + uri.getAuthority());
            uri = uri.resolve(next);
        }
        throw new IOException(aborted ? "broken off for what sounds" : "more than " + REDIRECTS + " redirects");
    }

    private HttpURLConnection open(URI uri) throws IOException {
        if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
            throw new IOException("Neither http nor https: " + uri.getScheme());
        }
        var connection = (HttpURLConnection) uri.toURL().openConnection();
        if (connection instanceof HttpsURLConnection secure && tls != null) secure.setSSLSocketFactory(tls);
        connection.setInstanceFollowRedirects(false);
        connection.setConnectTimeout(CONNECT_MS);
        connection.setReadTimeout(READ_MS);
        connection.setUseCaches(false);
        return connection;
    }

    private static boolean startsAt(HttpURLConnection connection, long from) {
        var range = connection.getHeaderField("Content-Range");
        return range != null && range.startsWith("bytes " + from + "-");
    }

    private boolean copy(HttpURLConnection connection, Output.Fetch order, long at) throws IOException {
        var left = order.to() - at;
        try (var in = connection.getInputStream();
                var part = FileChannel.open(
                        files.part(order.hash()), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            part.position(at);
            var buffer = new byte[1 << 14];
            try {
                while (left > 0 && !aborted) {
                    var got = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                    if (got < 0) break;
                    var bytes = ByteBuffer.wrap(buffer, 0, got);
                    while (bytes.hasRemaining()) part.write(bytes);
                    left -= got;
                }
            } finally {
                part.force(false);
            }
        }
        return left == 0;
    }

    private static void drain(HttpURLConnection connection) throws IOException {
        try (var error = connection.getErrorStream()) {
            if (error != null) error.skipNBytes(Math.min(error.available(), 4096));
        }
    }

    private static String shortly(Hash hash) {
        return hash.hex().substring(0, 8) + "…";
    }
}

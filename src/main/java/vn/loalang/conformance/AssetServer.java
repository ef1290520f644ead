package vn.loalang.conformance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;

/** Hands out recordings by {@code GET /…/{h}} with ranges to those who know their password, and misbehaves on demand. */
final class AssetServer implements AutoCloseable {
    private static final int PIECE = 4_096;
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

    private final HttpServer http;
    private final Supplier<String> user;
    private final String password;
    private final Way way;
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();

    /** How a base URL behaves. */
    enum Manner {
        HONEST,
        /** Other bytes of the same length. */
        WRONG,
        /** Leads on to the honest one. */
        REDIRECT,
        /** Leads on for ever. */
        LOOP,
        /** Breaks off after the first 20,000 bytes of each answer. */
        CUT
    }

    /** A request that came; the range is as sent, or empty. */
    record Request(DeviceId from, Manner manner, String hash, String range, int sent) {}

    /** The way to the controller, which may be slow. */
    interface Way {
        void carry(int bytes) throws InterruptedException;
    }

    /**
     * @param user login in the claim file of the box
     * @param way taken by every file
     */
    AssetServer(Supplier<String> user, String password, Way way) throws IOException {
        this.user = user;
        this.password = password;
        this.way = way;
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", this::answer);
        http.setExecutor(Executors.newCachedThreadPool(task -> {
            var thread = new Thread(task, "assets");
            thread.setDaemon(true);
            return thread;
        }));
        http.start();
    }

    /** The base URL of one device. */
    String base(DeviceId id, Manner manner) {
        return "http://127.0.0.1:" + http.getAddress().getPort() + "/" + id + "/" + manner + "/";
    }

    void offer(Audio audio) {
        files.put(audio.asset().h().b64u(), audio.file());
    }

    /** Offers any file under its hash. */
    void offer(byte[] file) {
        files.put(Hash.of(file).b64u(), file);
    }

    void withdraw(Audio audio) {
        files.remove(audio.asset().h().b64u());
    }

    /** What this device asked for so far. */
    List<Request> requests(DeviceId id) {
        return requests.stream().filter(r -> r.from().equals(id)).toList();
    }

    @Override
    public void close() {
        http.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var path = exchange.getRequestURI().getPath().split("/", -1);
            if (path.length != 4 || !exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            var id = new DeviceId(path[1]);
            var manner = Manner.valueOf(path[2]);
            var hash = path[3];
            var range = exchange.getRequestHeaders().getFirst("Range");
            var login = exchange.getRequestHeaders().getFirst("Authorization");
            var wanted = "Basic "
                    + Base64.getEncoder()
                            .encodeToString((user.get() + ":" + password).getBytes(StandardCharsets.UTF_8));
            if (!wanted.equals(login)) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"kit\"");
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            if (manner == Manner.REDIRECT || manner == Manner.LOOP) {
                var next = manner == Manner.LOOP ? Manner.LOOP : Manner.HONEST;
                requests.add(new Request(id, manner, hash, range == null ? "" : range, 0));
                exchange.getResponseHeaders().set("Location", "/" + id + "/" + next + "/" + hash);
                exchange.sendResponseHeaders(302, -1);
                return;
            }
            var file = files.get(hash);
            if (file == null) {
                requests.add(new Request(id, manner, hash, range == null ? "" : range, 0));
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            send(exchange, id, manner, hash, range == null ? "" : range, file);
        }
    }

    private void send(HttpExchange exchange, DeviceId id, Manner manner, String hash, String range, byte[] file)
            throws IOException {
        int from = 0;
        int to = file.length - 1;
        var matcher = RANGE.matcher(range);
        boolean part = matcher.matches();
        if (part) {
            from = (int) Math.min(file.length, Long.parseLong(matcher.group(1)));
            if (!matcher.group(2).isEmpty()) to = (int) Math.min(to, Long.parseLong(matcher.group(2)));
        }
        if (from > to) {
            exchange.getResponseHeaders().set("Content-Range", "bytes */" + file.length);
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        var body = java.util.Arrays.copyOfRange(file, from, to + 1);
        if (manner == Manner.WRONG) for (int i = 0; i < body.length; i++) body[i] ^= 0x55;
        if (part) exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + to + "/" + file.length);
        exchange.getResponseHeaders().set("Accept-Ranges", "bytes");
        int sent = manner == Manner.CUT ? Math.min(20_000, body.length) : body.length;
        requests.add(new Request(id, manner, hash, range, sent));
        exchange.sendResponseHeaders(part ? 206 : 200, body.length);
        try {
            for (int at = 0; at < sent; at += PIECE) {
                int count = Math.min(PIECE, sent - at);
                way.carry(count);
                exchange.getResponseBody().write(body, at, count);
                exchange.getResponseBody().flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("The kit ends.", e);
        }
    }

    /** Waits a moment between two looks at the world. */
    static void pause(long ms) {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Verdict.fail("The deadline passed.");
        }
    }
}

package vn.loalang.controller.port;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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

    @TempDir
    java.nio.file.Path directory;

    private final List<String> credentials = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<Input> answers = new LinkedBlockingQueue<>();
    private HttpServer own;
    private HttpServer foreign;

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
        server.createContext("/a/", exchange -> {
            note(name, exchange);
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-999/1000");
            exchange.sendResponseHeaders(206, SOUND.length);
            exchange.getResponseBody().write(SOUND);
            exchange.close();
        });
        server.start();
        return server;
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
        try (var fetcher = new HttpFetcher(
                new AssetFiles(directory), null, "box", "a secret of the test", answers::add, line -> {})) {
            fetcher.fetch(new Output.Fetch(HASH, at(own) + base + HASH.b64u(), 0, SOUND.length));
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
}

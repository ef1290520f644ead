package vn.loalang.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;

@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class LiveUpdatesTest {
    @Autowired
    Addresses addresses;

    @Autowired
    TestPeople someone;

    @Autowired
    LiveUpdates updates;

    @Autowired
    TransactionTemplate transaction;

    @Autowired
    JdbcClient jdbc;

    @Test
    void aCommittedChangeReachesTheWatchersOfItsTopicWithin300Milliseconds() throws Exception {
        var heard = watch("fleet,slot");
        assertThat(heard.poll(5, TimeUnit.SECONDS)).isEqualTo("event:beat");

        var begin = System.nanoTime();
        transaction.executeWithoutResult(status -> {
            updates.changed(Topic.of("fleet"));
            updates.changed(Topic.of("fleet"));
            updates.changed(Topic.of("other"));
        });
        assertThat(heard.poll(5, TimeUnit.SECONDS)).startsWith("id:");
        assertThat(heard.poll(5, TimeUnit.SECONDS)).isEqualTo("event:changed");
        assertThat(heard.poll(5, TimeUnit.SECONDS)).isEqualTo("data:fleet");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(300));

        transaction.executeWithoutResult(status -> {
            updates.changed(Topic.of("fleet"));
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(status -> updates.changed(Topic.of("slot")));
        assertThat(heard.poll(5, TimeUnit.SECONDS)).startsWith("id:");
        heard.poll(5, TimeUnit.SECONDS);
        assertThat(heard.poll(5, TimeUnit.SECONDS))
                .as("the undone change was never told")
                .isEqualTo("data:slot");
        assertThat(jdbc.sql("select count(*) from web_change where topic = 'fleet'")
                        .query(Long.class)
                        .single())
                .as("once per transaction")
                .isOne();
    }

    @Test
    void strangersHearNothing() throws Exception {
        var answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(at("/live?topics=fleet")).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(401);
    }

    private BlockingQueue<String> watch(String topics) throws Exception {
        var me = someone.everywhere(Role.VIEWER);
        var client = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
        var form = client.send(HttpRequest.newBuilder(at("/login")).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        var token = form.replaceAll("(?s).*name=\"_csrf\" value=\"([^\"]+)\".*", "$1");
        var signedIn = client.send(
                HttpRequest.newBuilder(at("/login"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("username=" + me.login() + "&password="
                                + URLEncoder.encode(TestPeople.PASSWORD, StandardCharsets.UTF_8) + "&_csrf=" + token))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(signedIn.headers().firstValue("Location"))
                .hasValueSatisfying(where -> assertThat(where).doesNotContain("login"));
        var answer = client.send(
                HttpRequest.newBuilder(at("/live?topics=" + topics)).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        var lines = new ArrayBlockingQueue<String>(1000);
        var reader = new Thread(() -> read(answer.body(), lines), "sse-reader");
        reader.setDaemon(true);
        reader.start();
        return lines;
    }

    private static void read(InputStream stream, BlockingQueue<String> lines) {
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))
                .lines()
                .filter(line -> !line.isBlank() && !line.matches("data:\\d\\d:\\d\\d"))
                .forEach(lines::add);
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:" + addresses.httpPort().orElseThrow() + path);
    }
}

package vn.loalang.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.jayway.jsonpath.JsonPath;
import java.io.IOException;
import java.io.OutputStream;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.HttpCookie;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server killed in the middle of an upload: what it had confirmed is there, the rest is sent, and nothing is left over. */
class UploadSurvivesIT {
    private static final String PASSWORD = "Loa-Lang-2026-thu";
    private static final int CHUNK = 32 * 1024;

    @TempDir
    Path directory;

    @Test
    void anUploadGoesOnWhereItWasConfirmedAndIsFinishedAfterTheServerWasKilledTwice() throws Exception {
        var file = Files.readAllBytes(Path.of("audio-samples", "vaccination.mp3"));
        try (var server = RunningServer.start(directory.resolve("data"))) {
            var person = new Browserless(server.http());
            var once = server.oneTimePassword().orElseThrow();
            person.signIn(once);
            person.form("/password", Map.of("current", once, "password", PASSWORD, "again", PASSWORD));
            person.signIn(PASSWORD);

            var begun = person.json(
                    "POST", "/api/v1/uploads", "{\"name\":\"tiêm chủng.mp3\",\"size\":" + file.length + "}");
            assertThat(begun.statusCode()).as(begun.body()).isEqualTo(201);
            var upload = "/api/v1/uploads/" + JsonPath.<String>read(begun.body(), "$.id");
            var confirmed = person.chunk(upload, 0, Arrays.copyOf(file, CHUNK));
            assertThat((int) JsonPath.read(confirmed.body(), "$.offset")).isEqualTo(CHUNK);

            try (var line = person.halfAChunk(upload, CHUNK, Arrays.copyOfRange(file, CHUNK, 2 * CHUNK))) {
                server.kill();
                assertThat(line.isClosed()).isFalse();
            }

            server.startAgain();
            person.signIn(PASSWORD);
            int offset = JsonPath.read(person.get(upload).body(), "$.offset");
            assertThat(offset).as("what was confirmed, and no half chunk").isEqualTo(CHUNK);
            for (int at = offset; at < file.length; at += CHUNK) {
                var answer = person.chunk(upload, at, Arrays.copyOfRange(file, at, Math.min(file.length, at + CHUNK)));
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            }
            assertThat(person.json("POST", upload + "/finish", "").statusCode()).isEqualTo(202);
            server.kill();

            server.startAgain();
            person.signIn(PASSWORD);
            Await.until("the recording is made", Duration.ofSeconds(60), () -> {
                var state = JsonPath.<String>read(person.get(upload).body(), "$.state");
                assertThat(state).isIn("PROCESSING", "DONE");
                return state.equals("DONE");
            });
            assertThat(person.get("/library").body()).contains("tiêm chủng");
            var audio = server.data().resolve("audio");
            assertThat(filesIn(audio.resolve("work"))).as("nothing half made").isEmpty();
            assertThat(filesIn(audio.resolve("original"))).hasSize(1);
            assertThat(filesIn(audio.resolve("canonical"))).hasSize(1);
            assertThat(Files.readAllBytes(audio.resolve("original")
                            .resolve(filesIn(audio.resolve("original")).get(0))))
                    .as("every byte as it was sent")
                    .isEqualTo(file);

            var large = person.json(
                    "POST", "/api/v1/uploads", "{\"name\":\"phim.wav\",\"size\":" + 2L * 1024 * 1024 * 1024 + "}");
            assertThat(large.statusCode())
                    .as("two gigabytes, before a byte of them")
                    .isEqualTo(422);
            assertThat(JsonPath.<String>read(large.body(), "$.detail")).contains("300 MB");
            assertThat(server.output()).doesNotContain("\tat ");
        }
    }

    private static List<String> filesIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** A person's program: cookies, the token against forged requests, plain HTTP on this machine. */
    private static final class Browserless {
        private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

        private final String base;
        private CookieManager cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
        private HttpClient http = client();
        private String token = "";

        Browserless(String base) {
            this.base = base;
        }

        private HttpClient client() {
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .cookieHandler(cookies)
                    .build();
        }

        void signIn(String password) {
            cookies = new CookieManager(null, CookiePolicy.ACCEPT_ALL);
            http = client();
            token = token(get("/login").body());
            var entered = form("/login", Map.of("username", "admin", "password", password));
            assertThat(entered.statusCode()).isEqualTo(302);
            assertThat(entered.headers().firstValue("Location").orElse(""))
                    .doesNotContain("error")
                    .doesNotContain("wait");
            // A new token comes with the new session.
            token = token(get("/password").body());
        }

        HttpResponse<String> get(String path) {
            return send(request(path).GET());
        }

        HttpResponse<String> form(String path, Map<String, String> fields) {
            var body = fields.entrySet().stream()
                    .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                    .collect(Collectors.joining("&", "_csrf=" + token + "&", ""));
            return send(request(path)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(body)));
        }

        HttpResponse<String> json(String method, String path, String body) {
            return send(request(path)
                    .header("Content-Type", "application/json")
                    .header("X-XSRF-TOKEN", token)
                    .method(method, HttpRequest.BodyPublishers.ofString(body)));
        }

        HttpResponse<String> chunk(String upload, long offset, byte[] bytes) {
            return send(request(upload + "?offset=" + offset)
                    .header("Content-Type", "application/octet-stream")
                    .header("X-XSRF-TOKEN", token)
                    .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
        }

        /** Promises a whole chunk, sends half of it, and leaves the line open. */
        Socket halfAChunk(String upload, long offset, byte[] bytes) throws IOException {
            var uri = URI.create(base);
            var socket = new Socket(uri.getHost(), uri.getPort());
            OutputStream out = socket.getOutputStream();
            var head = "PUT " + upload + "?offset=" + offset + " HTTP/1.1\r\nHost: " + uri.getAuthority()
                    + "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + bytes.length
                    + "\r\nX-XSRF-TOKEN: " + token + "\r\nCookie: "
                    + cookies.getCookieStore().getCookies().stream()
                            .map((HttpCookie it) -> it.getName() + "=" + it.getValue())
                            .collect(Collectors.joining("; "))
                    + "\r\n\r\n";
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            out.write(bytes, 0, bytes.length / 2);
            out.flush();
            return socket;
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(30));
        }

        private HttpResponse<String> send(HttpRequest.Builder request) {
            try {
                return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }

        private static String token(String page) {
            var found = TOKEN.matcher(page);
            assertThat(found.find()).as(page).isTrue();
            return found.group(1);
        }
    }
}

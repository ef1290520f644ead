package vn.loalang.system;

import java.io.IOException;
import java.net.CookieManager;
import java.net.CookiePolicy;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import vn.loalang.access.TestPeople;

/** Somebody signed in, without a browser: cookies, the hidden token of the forms, and plain requests. */
final class WebPerson {
    private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String base;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .cookieHandler(new CookieManager(null, CookiePolicy.ACCEPT_ALL))
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private String token;

    private WebPerson(String base) {
        this.base = base;
    }

    /** Signs in as the person of {@link Seed}. */
    static WebPerson signedIn(RunningServer server) throws IOException {
        var person = new WebPerson(server.http());
        person.token = token(person.get("/login"));
        var entered = person.form("/login", Map.of("username", Seed.LOGIN, "password", TestPeople.PASSWORD));
        var where = entered.headers().firstValue("Location").orElse("");
        if (entered.statusCode() != 302 || where.contains("error") || where.contains("wait")) {
            throw new AssertionError("Signing in answered " + entered.statusCode() + " to " + where);
        }
        // A new one comes with the new session.
        person.token = token(person.get("/admin/people"));
        return person;
    }

    String get(String path) throws IOException {
        var answer = send(request(path).GET());
        if (answer.statusCode() != 200) {
            throw new AssertionError(path + " answered " + answer.statusCode() + "\n" + answer.body());
        }
        return answer.body();
    }

    HttpResponse<String> form(String path, Map<String, String> fields) throws IOException {
        var body = fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(
                        Collectors.joining("&", "_csrf=" + URLEncoder.encode(token, StandardCharsets.UTF_8) + "&", ""));
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body)));
    }

    HttpResponse<String> json(String path, String idempotencyKey, String body) throws IOException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", idempotencyKey)
                .header("X-XSRF-TOKEN", token)
                .POST(BodyPublishers.ofString(body)));
    }

    HttpResponse<String> octets(String path, byte[] body) throws IOException {
        return send(request(path)
                .header("Content-Type", "application/octet-stream")
                .header("Accept", "application/json")
                .header("X-XSRF-TOKEN", token)
                .POST(BodyPublishers.ofByteArray(body)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static String token(String page) {
        var found = TOKEN.matcher(page);
        if (!found.find()) {
            throw new AssertionError("No form on the page:\n" + page);
        }
        return found.group(1);
    }
}

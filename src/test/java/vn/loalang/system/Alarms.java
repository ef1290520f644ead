package vn.loalang.system;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import vn.loalang.emergency.Target;

/** Alerts as somebody at a computer sends, follows and ends them. */
final class Alarms {
    private static final Pattern LEFT = Pattern.compile("data-left=\"(\\d+)\"");
    private static final Pattern TAGS = Pattern.compile("<[^>]*>");

    private final WebPerson person;

    private Alarms(WebPerson person) {
        this.person = person;
    }

    /** Signs in as the person of {@link Seed}. */
    static Alarms of(RunningServer server) throws IOException {
        return new Alarms(WebPerson.signedIn(server));
    }

    /** Presses the button; returns where the alert is shown. */
    String press(long message, Target place) throws IOException {
        return send("/emergency", message, place, Map.of());
    }

    /** The same as a drill. */
    String drill(long message, Target place) throws IOException {
        return send("/drill", message, place, Map.of("typed", "diễn tập"));
    }

    private String send(String where, long message, Target place, Map<String, String> more) throws IOException {
        var fields = new LinkedHashMap<>(more);
        fields.put("message", Long.toString(message));
        fields.put("target", place.wire());
        fields.put("press", UUID.randomUUID().toString());
        var answer = person.form(where, fields);
        var page = answer.headers().firstValue("Location").orElse("");
        if (answer.statusCode() != 302 || !page.contains("/emergency/")) {
            throw new AssertionError("The press was answered " + answer.statusCode() + "\n" + answer.body());
        }
        return page.substring(page.indexOf("/emergency/"));
    }

    /** How long the countdown on the screens still runs. */
    Duration left() throws IOException {
        var screen = LEFT.matcher(person.get("/emergency/everywhere"));
        if (!screen.find()) {
            throw new AssertionError("Nothing is counted down");
        }
        return Duration.ofMillis(Long.parseLong(screen.group(1)));
    }

    /** Ends what is on air. */
    void stop(String alert) throws IOException {
        var answer = person.form(alert + "/stop", Map.of());
        if (answer.statusCode() != 302) {
            throw new AssertionError("The stop was answered " + answer.statusCode() + "\n" + answer.body());
        }
    }

    /** What a page says, without its markup. */
    String read(String path) {
        try {
            return TAGS.matcher(person.get(path)).replaceAll(" ").replaceAll("\\s+", " ");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    void awaitText(String path, String text, Duration atMost) {
        Await.until(path + " says " + text, atMost, () -> read(path).contains(text));
    }
}

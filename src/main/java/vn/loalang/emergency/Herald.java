package vn.loalang.emergency;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import vn.loalang.access.AreaScope;
import vn.loalang.area.AreaPath;
import vn.loalang.area.SqlTime;
import vn.loalang.broadcast.Reach;
import vn.loalang.broadcast.ReachBoard;
import vn.loalang.protocol.Json;

/**
 * Tells a programme or an address of the place's choice about alerts: that one was aired, which poles stayed silent, and that it
 * is over. What it is told is stored first, so that neither a restart nor a dead line loses it; nothing waits for it.
 */
@Component
class Herald {
    private static final Logger log = LoggerFactory.getLogger(Herald.class);
    private static final AreaScope EVERYWHERE = new AreaScope(List.of(AreaPath.ROOT));
    private static final Locale VIETNAMESE = Locale.forLanguageTag("vi");
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration LOOK_BACK = Duration.ofDays(1);
    private static final int LONGEST_ERROR = 300;

    /** What a notice is about. */
    enum Kind {
        AIRED,
        SILENT,
        ENDED
    }

    private final JdbcClient jdbc;
    private final Clock clock;
    private final HeraldSettings settings;
    private final Alerts alerts;
    private final ReachBoard board;
    private final Contacts contacts;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    Herald(JdbcClient jdbc, Clock clock, HeraldSettings settings, Alerts alerts, ReachBoard board, Contacts contacts) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.settings = settings;
        this.alerts = alerts;
        this.board = board;
        this.contacts = contacts;
    }

    /** A notice that is still to be taken. */
    private record Notice(long alert, Kind kind, String body, int attempts) {
        String key() {
            return alert + "-" + kind;
        }
    }

    /** Looks for news and tells what is due. */
    @Scheduled(fixedDelayString = "${loalang.emergency.herald.every:2s}", initialDelayString = "9s")
    void work() {
        if (settings.silent()) {
            return;
        }
        LocaleContextHolder.setLocale(VIETNAMESE);
        try {
            var now = clock.instant();
            write(now);
            for (var notice : due(now)) {
                tell(notice, now);
            }
        } finally {
            LocaleContextHolder.resetLocaleContext();
        }
    }

    private void write(Instant now) {
        for (var alert : alerts.airedSince(now.minus(LOOK_BACK))) {
            var aired = alert.airedAt();
            if (aired != null) {
                write(alert, Kind.AIRED, now);
                if (!now.isBefore(aired.plus(settings.after()))) {
                    write(alert, Kind.SILENT, now);
                }
                if (alert.state() == AlertState.ENDED) {
                    write(alert, Kind.ENDED, now);
                }
            }
        }
    }

    private void write(Alert alert, Kind kind, Instant now) {
        var known = jdbc.sql("select count(*) from emergency_notice where alert_id = :alert and kind = :kind")
                        .param("alert", alert.id().value())
                        .param("kind", kind.name())
                        .query(Long.class)
                        .single()
                > 0;
        if (!known) {
            jdbc.sql("""
                            insert into emergency_notice (alert_id, kind, body, created_at, due_at)
                            values (:alert, :kind, :body, :now, :now) on conflict do nothing""")
                    .param("alert", alert.id().value())
                    .param("kind", kind.name())
                    .param("body", body(alert, kind, now))
                    .param("now", SqlTime.of(now))
                    .update();
        }
    }

    private List<Notice> due(Instant now) {
        return jdbc.sql("""
                        select alert_id, kind, body, attempts from emergency_notice
                        where taken_at is null and given_up_at is null and due_at <= :now order by created_at, alert_id, kind""")
                .param("now", SqlTime.of(now))
                .query((row, number) -> new Notice(
                        row.getLong("alert_id"),
                        Kind.valueOf(row.getString("kind")),
                        row.getString("body"),
                        row.getInt("attempts")))
                .list();
    }

    private void tell(Notice notice, Instant now) {
        try {
            var url = settings.url();
            if (url != null) {
                post(url, notice);
            }
            if (!settings.command().isEmpty()) {
                run(notice);
            }
            jdbc.sql(
                            "update emergency_notice set taken_at = :now, attempts = attempts + 1, error = null where alert_id = :alert and kind = :kind")
                    .param("now", SqlTime.of(now))
                    .param("alert", notice.alert())
                    .param("kind", notice.kind().name())
                    .update();
        } catch (IOException failed) {
            failed(notice, now, String.valueOf(failed.getMessage()));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void failed(Notice notice, Instant now, String why) {
        var attempts = notice.attempts() + 1;
        var over = attempts >= settings.attempts();
        log.warn("Notice {} was not taken, attempt {}{}: {}", notice.key(), attempts, over ? ", given up" : "", why);
        jdbc.sql("""
                        update emergency_notice set attempts = :attempts, due_at = :due, given_up_at = :over, error = :error
                        where alert_id = :alert and kind = :kind""")
                .param("attempts", attempts)
                .param("due", SqlTime.of(now.plus(FIRST_PAUSE.multipliedBy(1L << Math.min(attempts - 1, 20)))))
                .param("over", SqlTime.ofNullable(over ? now : null))
                .param("error", why.length() <= LONGEST_ERROR ? why : why.substring(0, LONGEST_ERROR))
                .param("alert", notice.alert())
                .param("kind", notice.kind().name())
                .update();
    }

    private void post(URI url, Notice notice) throws IOException, InterruptedException {
        var answer = http.send(
                HttpRequest.newBuilder(url)
                        .timeout(settings.timeout())
                        .header("Content-Type", "application/json; charset=utf-8")
                        .header("Idempotency-Key", notice.key())
                        .POST(HttpRequest.BodyPublishers.ofString(notice.body()))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("HTTP " + answer.statusCode());
        }
    }

    /** The notice comes from a file, so that a programme that never reads cannot hold us up. */
    private void run(Notice notice) throws IOException, InterruptedException {
        var input = Files.createTempFile("notice-", ".json");
        try {
            Files.writeString(input, notice.body());
            var process = new ProcessBuilder(settings.command())
                    .redirectInput(input.toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try {
                if (!process.waitFor(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IOException("no end within " + settings.timeout().toSeconds() + " s");
                }
                if (process.exitValue() != 0) {
                    throw new IOException("exit code " + process.exitValue());
                }
            } finally {
                process.destroyForcibly();
            }
        } finally {
            Files.delete(input);
        }
    }

    /** The notice as JSON: what was said where and in which languages, how many sounded, and the silent poles with the people to call. */
    private String body(Alert alert, Kind kind, Instant now) {
        var json = Json.object()
                .put("notice", kind.name())
                .put("alert", alert.id().value())
                .put("kind", alert.kind().name())
                .put("status", alert.status().name())
                .put("title", alert.title())
                .put("text", alert.said())
                .put(
                        "words",
                        Json.array(alerts.told(alert).words().stream()
                                .map(Herald::words)
                                .toList()))
                .put("place", alert.place())
                .put("at", now.toString());
        board.reach(alert.broadcast(), EVERYWHERE, now).ifPresent(reach -> {
            var people = contacts.nearest(reach.silent().stream()
                    .map(silent -> silent.pole().area())
                    .distinct()
                    .toList());
            json.put("poles", reach.all().poles())
                    .put("proved", reach.all().proved())
                    .put("claimed", reach.all().claimed());
            if (kind != Kind.AIRED) {
                json.put(
                        "silent",
                        Json.array(reach.silent().stream()
                                .map(silent -> silent(
                                        silent,
                                        people.getOrDefault(silent.pole().area(), List.of())))
                                .toList()));
            }
        });
        return json.build().toString();
    }

    private static Json words(AlertBook.Words words) {
        var json = Json.object();
        var language = words.language();
        if (language != null) {
            json.put("language", language);
        }
        return json.put("text", words.text()).put("aloud", words.aloud()).build();
    }

    private static Json silent(Reach.Silent silent, List<Contact> people) {
        return Json.object()
                .put("pole", silent.pole().name())
                .put("village", silent.place())
                .put("cause", silent.cause())
                .put(
                        "call",
                        Json.array(people.stream()
                                .map(person -> Json.object()
                                        .put("name", person.name())
                                        .put("duty", person.duty())
                                        .put("phone", person.dialled())
                                        .build())
                                .toList()))
                .build();
    }
}

package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.NewArea;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.broadcast.ReachBoard;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;

@SpringBootTest
@Transactional
class HeraldTest {
    @TempDir
    Path folder;

    @Autowired
    JdbcClient jdbc;

    @Autowired
    Broadcasts broadcasts;

    @Autowired
    ReachBoard board;

    @Autowired
    Alerts alerts;

    @Autowired
    Fleet fleet;

    @Autowired
    Areas areas;

    @Autowired
    Stations stations;

    @Autowired
    Contacts contacts;

    @Autowired
    TestPeople people;

    @Autowired
    Clock clock;

    final List<String> told = Collections.synchronizedList(new ArrayList<>());
    volatile int answer = 204;
    HttpServer server;
    Instant aired;
    AreaPath village;
    ControllerId ferry;

    @BeforeEach
    void somebodyWhoListensAndAPoleWithoutABox() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/alerts", exchange -> {
            told.add(exchange.getRequestHeaders().getFirst("Idempotency-Key") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
        });
        server.start();
        aired = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        village =
                areas.add(NewArea.village(AreaPath.ROOT, "1432901", "Đằng Xá")).path();
        contacts.add(village, "Lê Văn Thành", "Trưởng thôn", "+84 900 000 141");
        ferry = fleet.addController(new NewController(
                new StationId(stations.main().id()),
                new AreaId(areas.find(village).orElseThrow().id()),
                "Bến đò",
                null,
                null,
                80,
                Set.of()));
    }

    @AfterEach
    void quiet() {
        server.stop(0);
    }

    @Test
    void anAiringIsToldAtOnceAndSilentPolesAMinuteLaterWithWhomToCall() {
        var alert = alert(Status.EXERCISE);

        herald(address(), List.of(), aired.plusSeconds(1)).work();
        herald(address(), List.of(), aired.plusSeconds(2)).work();
        assertThat(told)
                .singleElement()
                .asString()
                .startsWith(alert.id() + "-AIRED ")
                .contains("\"status\":\"EXERCISE\"", "Nước lên nhanh");

        herald(address(), List.of(), aired.plusSeconds(61)).work();
        assertThat(told).hasSize(2);
        assertThat(told.get(1))
                .startsWith(alert.id() + "-SILENT ")
                .contains("\"pole\":\"Bến đò\"", "\"phone\":\"+84900000141\"", "Trưởng thôn");
    }

    /** Whoever passes it on may have readers of all languages; which of them loudspeakers say is told, too. */
    @Test
    void aNoticeHasTheWordsOfEveryLanguage() {
        var alert = alert(Status.ACTUAL);
        jdbc.sql("""
                        insert into emergency_alert_words (alert_id, position, language, words, aloud)
                        values (:id, 0, 'vi', 'Nước lên.', true), (:id, 1, 'bru', 'Dỡq ntưn.', false)""").param("id", alert.id().value()).update();

        herald(address(), List.of(), aired.plusSeconds(1)).work();

        assertThat(told)
                .singleElement()
                .asString()
                .contains("\"language\":\"vi\"", "Nước lên.", "\"language\":\"bru\"", "Dỡq ntưn.", "\"aloud\":false");
    }

    @Test
    void whatIsNotTakenIsToldAgainTwiceAsLateEachTimeAndGivenUpInTheEnd() {
        alert(Status.ACTUAL);
        answer = 503;
        var moments = List.of(1, 2, 6, 7, 16, 17, 60);
        for (var second : moments) {
            herald(address(), List.of(), aired.plusSeconds(second)).work();
        }

        // At 1 s, 5 s later, 10 s later; then it is over, since three attempts are allowed.
        assertThat(told.stream().filter(each -> each.contains("-AIRED "))).hasSize(3);
        assertThat(jdbc.sql("select error from emergency_notice where kind = 'AIRED' and given_up_at is not null")
                        .query(String.class)
                        .single())
                .isEqualTo("HTTP 503");
    }

    @Test
    void aProgrammeGetsTheNoticeOnItsInputAndItsExitCodeDecides() throws IOException {
        alert(Status.ACTUAL);
        var out = folder.resolve("told.json");

        herald(null, List.of("/bin/sh", "-c", "cat > '" + out + "'; exit 3"), aired.plusSeconds(1))
                .work();
        assertThat(Files.readString(out)).contains("\"notice\":\"AIRED\"", "Cảnh báo lũ");
        assertThat(untaken()).isEqualTo(1);

        herald(null, List.of("/bin/sh", "-c", "exit 0"), aired.plusSeconds(7)).work();
        assertThat(untaken()).isZero();
    }

    @Test
    void aProgrammeThatNeverEndsIsEnded() {
        alert(Status.ACTUAL);

        herald(null, List.of("/bin/sh", "-c", "while :; do :; done"), aired.plusSeconds(1))
                .work();

        assertThat(jdbc.sql("select error from emergency_notice")
                        .query(String.class)
                        .single())
                .contains("no end within");
    }

    private long untaken() {
        return jdbc.sql("select count(*) from emergency_notice where taken_at is null")
                .query(Long.class)
                .single();
    }

    private AlertOnPaper alert(Status status) {
        return AlertOnPaper.aired(
                jdbc,
                broadcasts,
                areas,
                stations,
                people.everywhere(Role.OPERATOR),
                status,
                village,
                aired,
                Set.of(ferry));
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/alerts");
    }

    private Herald herald(@Nullable URI url, List<String> command, Instant now) {
        return new Herald(
                jdbc,
                Clock.fixed(now, ZoneOffset.UTC),
                new HeraldSettings(url, command, Duration.ofSeconds(60), Duration.ofSeconds(2), 3),
                alerts,
                board,
                contacts);
    }
}

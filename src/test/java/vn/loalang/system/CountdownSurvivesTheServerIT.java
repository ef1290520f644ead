package vn.loalang.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.delivery.TestDevice;
import vn.loalang.emergency.Target;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Scope;

/** The server is killed without warning while it counts down: the alert airs once all the same, or every screen says that it did not. */
class CountdownSurvivesTheServerIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int COUNTDOWN_SECONDS = 5;

    /** Beginnings of every order that a box was told of, by the order's name. */
    private final Map<String, Set<Long>> beginnings = new HashMap<>();

    private TestDevice box;
    private long flood;
    private Target everybody;
    private Scope scope;

    @Test
    void whatIsCountedDownAirsOnceAfterEveryKillOrIsCalledTooLateOnEveryScreen(@TempDir Path directory)
            throws Exception {
        var data = directory.resolve("data");
        try (var seed = new Seed(data)) {
            box = seed.devices(1).get(0);
            flood = seed.alarm("Cảnh báo lũ thử", 2);
            everybody = seed.everybody();
            scope = seed.scope();
            seed.countdown(COUNTDOWN_SECONDS);
        }
        try (var server = RunningServer.start(data)) {
            listen(server);
            // In the middle of the countdown, and within a few milliseconds of the release.
            for (var before : new long[] {2_500, -8}) {
                var hoa = Alarms.of(server);
                var alert = hoa.press(flood, everybody);
                LockSupport.parkNanos(hoa.left().minusMillis(before).toNanos());
                server.kill();
                hear();
                server.startAgain();
                Alarms.of(server).awaitText(alert, "ĐANG PHÁT KHẨN CẤP", SOON);
                listen(server);
                Await.until("the box is told of it", SOON, this::hear);
                Alarms.of(server).stop(alert);
            }
            server.stop();
        }
        assertThat(beginnings).hasSize(2);
        try (var server = RunningServer.start(data, "--loalang.emergency.alert.late-at-most=0s")) {
            listen(server);
            var hoa = Alarms.of(server);
            var alert = hoa.press(flood, everybody);
            var left = hoa.left();
            server.kill();
            LockSupport.parkNanos(left.plusMillis(500).toNanos());
            server.startAgain();
            hoa = Alarms.of(server);
            hoa.awaitText("/today", "KHÔNG PHÁT ĐƯỢC – Cảnh báo lũ thử", SOON);
            assertThat(hoa.read("/today")).contains("trở lại quá muộn");
            assertThat(hoa.read(alert)).contains("trở lại quá muộn").doesNotContain("ĐANG PHÁT");
            listen(server);
            hear();
            server.stop();
        } finally {
            box.close();
        }
        assertThat(beginnings).as("orders a box was told of").hasSize(2);
        assertThat(beginnings.values())
                .allSatisfy(begun ->
                        assertThat(begun).as("one order, released once").hasSize(1));
        assertThat(count(data, "select count(*) from access_audit where action = 'emergency.aired'"))
                .isEqualTo(2);
        assertThat(count(data, "select count(*) from access_audit where action = 'emergency.lapsed'"))
                .isEqualTo(1);
        assertThat(count(data, "select count(*) from delivery_order where state = 'CANCELLED'"))
                .isEqualTo(1);
    }

    private void listen(RunningServer server) throws Exception {
        ComingBack.to(box, server.mqttPort);
        box.subscribe(box.topics().everyNow(scope));
    }

    /** Notes the orders in what has arrived; whether there was one that sounds. */
    private boolean hear() {
        var sounding = new HashSet<String>();
        box.all(Now.class).forEach(now -> now.act().forEach(entry -> {
            sounding.add(entry.sid().value());
            beginnings
                    .computeIfAbsent(entry.sid().value(), sid -> new HashSet<>())
                    .add(entry.beg());
        }));
        return !sounding.isEmpty();
    }

    private static long count(Path data, String sql) throws SQLException {
        var url = "jdbc:h2:file:" + data.resolve("loalang")
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;IFEXISTS=TRUE";
        try (var database = DriverManager.getConnection(url, "sa", "");
                var statement = database.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}

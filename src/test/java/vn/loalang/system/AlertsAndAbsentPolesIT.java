package vn.loalang.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.emergency.Target;

/**
 * Alerts with real controllers of which some are away, have lost their power, or believe it is yesterday or tomorrow; and on the
 * same server, since it is costly to start, a person whose speech it does not survive.
 */
class AlertsAndAbsentPolesIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String A_DAY_MS = "86400000";
    private static final String NOBODY = "Lúc này không cụm nào kết nối";

    @Test
    void wrongClocksSoundItTheAllClearReachesTheAbsentAndASpeechEndsPolitelyThoughTheServerDies(@TempDir Path directory)
            throws Exception {
        var data = directory.resolve("data");
        long flood;
        Target everybody;
        Seed.Programme bulletin;
        try (var hall = new RunningController(directory.resolve("hall"));
                var market = new RunningController(directory.resolve("market"));
                var ferry = new RunningController(directory.resolve("ferry"));
                var school = new RunningController(directory.resolve("school"))) {
            try (var seed = new Seed(data)) {
                seed.pole("Nhà văn hoá", hall);
                seed.pole("Chợ", market);
                seed.pole("Bến đò", ferry);
                flood = seed.alarm("Cảnh báo lũ thử", 20);
                everybody = seed.everybody();
                seed.countdown(5);
                bulletin = seed.programme("Trường học", school);
            }
            try (var server = RunningServer.start(data)) {
                hall.startAt(server.mqttPort, "--rtc-offset", A_DAY_MS);
                market.startAt(server.mqttPort, "--rtc-offset=-" + A_DAY_MS);
                hall.await("Applied plan", SOON);
                market.await("Applied plan", SOON);

                var hoa = Alarms.of(server);
                var alert = hoa.press(flood, everybody);
                sounds(hall);
                sounds(market);
                hoa.awaitText(alert + "/reach", "2 trên 3 cụm đã có tiếng", SOON);
                assertThat(hoa.read(alert + "/reach"))
                        .as("the welcome has told them the time")
                        .doesNotContain("đồng hồ sai");
                hoa.awaitText(alert + "/reach", "Bến đò", SOON);
                assertThat(hoa.read(alert + "/reach")).contains("hưa từng kết nối");

                market.kill();
                hoa.stop(alert);
                hall.await("Interrupted \\S+ after \\d+ s \\(cleared\\)", SOON);
                market.startAt(server.mqttPort);
                ferry.startAt(server.mqttPort);
                market.await("Applied now", SOON);
                ferry.await("Applied now", SOON);
                assertThat(ferry.recordings())
                        .as("what the absent pole sounded")
                        .isEmpty();
                var heard = market.recordings();
                hoa.awaitText(alert, "Bến đò", SOON);
                assertThat(hoa.read(alert)).contains("Đã xong").doesNotContain("ĐANG PHÁT");

                hall.kill();
                market.kill();
                ferry.kill();
                assertThat(market.recordings()).as("after the all-clear").isEqualTo(heard);
                hoa.awaitText("/emergency", NOBODY, SOON);
                var unheard = hoa.press(flood, everybody);
                hoa.awaitText(unheard, "ĐANG PHÁT KHẨN CẤP", SOON);
                assertThat(hoa.read(unheard)).contains(NOBODY).contains("0 trên 3 cụm đã có tiếng");
                ferry.startAt(server.mqttPort);
                sounds(ferry);
                hoa.awaitText(unheard + "/reach", "1 trên 3 cụm đã có tiếng", SOON);
                hoa.stop(unheard);
                ferry.await("Interrupted \\S+ after \\d+ s \\(cleared\\)", SOON);

                school.startAt(server.mqttPort);
                school.await("Sounding " + bulletin.oid(), SOON);
                dies(server, school, bulletin);
            }
        }
    }

    /** The server is killed while somebody speaks over a programme. */
    private static void dies(RunningServer server, RunningController school, Seed.Programme bulletin) throws Exception {
        var voice = Voice.to(server, bulletin.area());
        voice.hum(Duration.ofSeconds(3));
        school.await("Sounding " + voice.id(), SOON);
        server.kill();
        // The box ends it by itself; a server that is back within seconds would end it first.
        school.await("Interrupted " + voice.id() + "\\S* after \\d+ s \\(link_lost\\)", SOON);
        server.launchAgain();
        var again = Pattern.compile("(?s)link_lost.*Sounding " + bulletin.oid() + " from (\\d+) s");
        var position = Await.value("the programme sounds again", SOON, () -> {
            var said = again.matcher(school.output());
            return said.find() ? Long.valueOf(said.group(1)) : null;
        });
        assertThat(Duration.between(bulletin.start(), Clock.systemUTC().instant())
                                .toSeconds()
                        - position)
                .as("seconds between the timetable's position and where it goes on")
                .isBetween(-1L, 2L);

        server.awaitReady();
        var hoa = Alarms.of(server);
        hoa.awaitText("/speak/" + voice.id(), "Đã ghi âm vào Kho chương trình", SOON);
        assertThat(hoa.read("/speak/" + voice.id())).contains("Máy chủ tắt đột ngột");
        assertThat(hoa.read("/library")).contains("Nói trực tiếp");
        assertThat(hoa.read("/speak")).as("whether the air is free").doesNotContain("đang nói trực tiếp từ");
    }

    private static void sounds(RunningController box) {
        Await.until("it sounds", SOON, () -> !box.recordings().isEmpty());
    }
}

package vn.loalang.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.when;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.StationId;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.fleet.ControllerId;

class BroadcastPagesTest extends TwoPolesTestBase {
    private static final String MARK = "<b class=\"drill-tag\">DIỄN TẬP</b> ";

    @MockitoBean
    Recordings recordings;

    SignedIn viewer;
    Instant now;

    @BeforeEach
    void twoPolesOfWhichOneIsLost() {
        var recording = PlaybackTestBase.aRecording(7, Duration.ofSeconds(130));
        when(recordings.find(new RecordingId(7))).thenReturn(Optional.of(recording));
        PlaybackTestBase.store(jdbc, recording);
        viewer = people.everywhere(Role.VIEWER);
        now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        twoPoles(areas.add(NewArea.village(AreaPath.ROOT, "1432901", "Đằng Xá")).path(), "Chợ Hôm", now, now);
    }

    @Test
    void theWallSaysWhoPlaysWhoIsUnknownAndWhatComesNext() throws Exception {
        var running = broadcast(now.minusSeconds(60), "Bản tin xã");
        broadcast(now.plusSeconds(7200), "Tiếp sóng VOV");
        playbacks.record(List.of(report(running, hall, UNIT, 3, now.minusSeconds(60), new Outcome.Started(41, 0))));
        for (var language : List.of("vi", "en")) {
            var page = page("/today", language);
            assertThat(page)
                    .contains("Bản tin xã")
                    .contains("Tiếp sóng VOV")
                    .contains("Nhà văn hoá")
                    .contains("data-live-src");
            assertThat(page("/today/now", language)).doesNotContain("<html").contains("Bản tin xã");
        }
        assertThat(page("/today", "vi"))
                .contains("Hôm nay, ")
                .contains("loa báo đang phát: 1/2")
                .containsSubsequence("Chưa rõ – mất kết nối từ", "Đang phát")
                .contains("chưa nhận lịch")
                .contains("0/2 cụm loa sẵn sàng");
    }

    @Test
    void nothingIsCalledPlayingBecauseTheScheduleSaysSo() throws Exception {
        broadcast(now.minusSeconds(60), "Bản tin xã");
        assertThat(page("/today", "vi"))
                .contains("Đến giờ phát")
                .contains("Chưa có cụm loa nào báo đang phát")
                .doesNotContain("is-live")
                .doesNotContain("<progress");
    }

    @Test
    void aBroadcastsPageTellsPoleByPoleWhatWasHeard() throws Exception {
        var id = broadcast(now.minusSeconds(600), "Bản tin xã");
        playbacks.record(List.of(
                report(id, hall, UNIT, 3, now.minusSeconds(600), new Outcome.Started(41, 0)),
                report(
                        id,
                        hall,
                        UNIT,
                        4,
                        now.minusSeconds(558),
                        new Outcome.Interrupted(42_000, Proof.AMP, Reason.POWER_LOSS))));
        playbacks.sweepUnknown(now);
        for (var language : List.of("vi", "en")) {
            assertThat(page("/broadcasts/" + id, language))
                    .contains("Nhà văn hoá")
                    .contains("00:42 / 02:10")
                    .contains(UNIT.value());
            page("/broadcasts/" + id + "/" + hall, language);
            page("/broadcasts/" + id + "/" + lost, language);
        }
        assertThat(page("/broadcasts/" + id, "vi"))
                .contains("Phát một phần – nghe được 00:42/02:10, mất điện")
                .contains("đã kiểm chứng")
                .contains("Chưa rõ – mất kết nối từ")
                .contains("lệch 41 ms");
        assertThat(page("/broadcasts/" + id + "/" + hall, "vi"))
                .containsSubsequence("Bắt đầu phát", "Bị ngắt", "mất điện");
        assertThat(page("/fleet", "vi")).contains("Phát một phần – nghe được 00:42/02:10, mất điện");
        assertThat(page("/fleet/" + hall, "vi")).contains("Bản tin xã");
    }

    @Test
    void whatNobodyPlannedIsNotFoundAndNeitherIsWhatOneMayNotSee() throws Exception {
        var id = broadcast(now.minusSeconds(600), "Bản tin xã");
        for (var path :
                List.of("/broadcasts/abc", "/broadcasts/" + BroadcastId.random(), "/broadcasts/" + id + "/999999")) {
            mvc.perform(get(path).with(by(viewer))).andExpect(status().isNotFound());
        }
        var elsewhere = areas.add(NewArea.village(AreaPath.ROOT, "1432902", "Cẩm Trung"))
                .path();
        var neighbour = people.with("neighbour-b", Role.VIEWER, elsewhere);
        mvc.perform(get("/broadcasts/" + id).with(by(neighbour))).andExpect(status().isNotFound());
        assertThat(mvc.perform(get("/today").with(by(neighbour)))
                        .andReturn()
                        .getResponse()
                        .getContentAsString())
                .doesNotContain("Nhà văn hoá")
                .doesNotContain("Bản tin xã");
    }

    /** Its title reads like any other; only the mark tells people that nothing has happened. */
    @Test
    void aDrillIsMarkedWhereverItsTitleStands() throws Exception {
        broadcast(now.minusSeconds(1800), "Bản tin xã", Status.ACTUAL);
        assertThat(page("/today", "vi") + page("/fleet", "vi")).doesNotContain(MARK);

        broadcast(now.minusSeconds(900), "Thử loa", Status.TEST);
        var drill = broadcast(now.minusSeconds(60), "Cảnh báo lũ", Status.EXERCISE);
        broadcast(now.plusSeconds(1200), "Báo cháy", Status.EXERCISE);
        playbacks.record(List.of(report(drill, hall, UNIT, 3, now.minusSeconds(60), new Outcome.Started(41, 0))));

        assertThat(page("/today", "vi"))
                .contains(
                        MARK + "Cảnh báo lũ",
                        MARK + "Báo cháy",
                        MARK + "Thử loa",
                        "aria-label=\"DIỄN TẬP – Cảnh báo lũ\"",
                        "DIỄN TẬP – Báo cháy")
                .contains("class=\"onair is-live drill\"");
        assertThat(tile(page("/today", "vi"), hall)).contains("Đang phát", "DIỄN TẬP");
        assertThat(page("/broadcasts/" + drill, "vi"))
                .contains("<title>DIỄN TẬP – Cảnh báo lũ", "<h1>" + MARK + "Cảnh báo lũ");
        assertThat(page("/broadcasts/" + drill + "/" + hall, "vi")).contains(MARK + "Cảnh báo lũ");
        assertThat(page("/fleet", "vi")).contains(MARK + "Cảnh báo lũ");
        assertThat(page("/fleet/" + hall, "vi")).contains(MARK + "Cảnh báo lũ", MARK + "Thử loa");
        assertThat(page("/today", "en")).contains(MARK.replace("DIỄN TẬP", "DRILL") + "Cảnh báo lũ");
    }

    /** What stands on a pole's tile. */
    private static String tile(String page, ControllerId pole) {
        var from = page.indexOf("id=\"tile-" + pole + "\"");
        return page.substring(from, page.indexOf("</li>", from));
    }

    private String page(String path, String language) throws Exception {
        return page(path, viewer, language);
    }

    private BroadcastId broadcast(Instant start, String title) {
        return broadcast(start, title, Status.ACTUAL);
    }

    private BroadcastId broadcast(Instant start, String title, Status status) {
        return broadcasts.plan(new NewBroadcast(
                new StationId(stations.main().id()),
                Priority.NORMAL,
                Authority.COMMUNE,
                Origin.SLOT,
                status,
                5L,
                1L,
                title,
                null,
                List.of(new RecordingId(7)),
                start,
                start.plusSeconds(300),
                70,
                Set.of(hall, lost)));
    }
}

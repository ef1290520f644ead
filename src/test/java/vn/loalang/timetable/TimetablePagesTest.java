package vn.loalang.timetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrlPattern;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.broadcast.PlannedBroadcast;

class TimetablePagesTest extends TimetableTestBase {
    private SignedIn hoa;

    @BeforeEach
    void anOperator() {
        hoa = people.everywhere(Role.OPERATOR);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vi", "en"})
    void everyStateOfThePageIsSaidInTheReadersLanguage(String language) throws Exception {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)));
        timetable.create(STATION, wanted(relay, SUNDAY.plusDays(1), "17:32", Recurrence.once(), two));
        for (var path : new String[] {
            "/timetable",
            "/timetable?week=2026-11-16",
            "/timetable?saved=" + made.change(),
            "/timetable/week?week=2026-11-23",
            "/timetable/new",
            "/timetable/new?date=2026-11-24&start=06:15",
            "/timetable/" + made.slot().value() + "?on=2026-11-23"
        }) {
            var page = page(get(path).cookie(new jakarta.servlet.http.Cookie("lang", language)));
            assertThat(page).as(path).doesNotContain("??").contains("17:00").doesNotContain("style=");
        }
    }

    @Test
    void anEmptyTimetableSaysWhatToDoNext() throws Exception {
        assertThat(page(get("/timetable")))
                .contains("Chưa có khung giờ nào")
                .contains("Giờ yên tĩnh (khoá)")
                .contains("08:00–16:00 trống cả tuần");
    }

    @Test
    void theFormProposesTheNewestRecordingEverywhereAtTheNextFreeQuarterHour() throws Exception {
        assertThat(page(get("/timetable/new")))
                .contains("value=\"15:15\"")
                .contains("value=\"22/11/2026\"")
                .contains("15:15 – chiều")
                .contains("Tất cả 3 cụm")
                .contains("Phát 15:15–15:30 một lần, Chủ Nhật 22/11, 3 cụm");
    }

    @Test
    void aSlotTwoMinutesAheadIsSavedAndOrdered() throws Exception {
        mvc.perform(form("/timetable/new")
                        .param("start", "15:02")
                        .param("date", "22/11/2026")
                        .with(TestPeople.by(hoa)))
                .andExpect(status().is3xxRedirection())
                .andExpect(redirectedUrlPattern("/timetable?week=2026-11-22&saved=*"));

        assertThat(planned()).extracting(PlannedBroadcast::start).containsExactly(at(SUNDAY, "15:02"));
        assertThat(page(get("/timetable")))
                .contains("15:02")
                .contains("Bản tin xã")
                .contains("Hoàn tác");
    }

    @Test
    void aWholeFormBecomesExactlyThatSlot() throws Exception {
        mvc.perform(form("/timetable/new")
                        .param("start", "5h30")
                        .param("date", "24/11/2026")
                        .param("repeat", "WEEKLY")
                        .param("days", "TUESDAY", "FRIDAY")
                        .param("until", "31/12/2026")
                        .param("where", "CHOSEN")
                        .param("area", Long.toString(village.value()))
                        .param("controller", Long.toString(three.value()))
                        .param("volume", "55")
                        .param("lateness", "0")
                        .with(TestPeople.by(hoa)))
                .andExpect(status().is3xxRedirection());

        var content = timetable.live(STATION).get(0).content();
        assertThat(content.recurrence().rule()).contains("FREQ=WEEKLY;BYDAY=TU,FR;UNTIL=20261231");
        assertThat(content.targets()).isEqualTo(new Targets(Set.of(village), Set.of(three)));
        assertThat(content.volume()).isEqualTo(55);
        assertThat(content.lateness()).isEqualTo(Duration.ZERO);
        assertThat(content.length()).isEqualTo(Duration.ofMinutes(15));
    }

    @Test
    void threeFifteenAtNightIsRefusedInWordsWithAWayOut() throws Exception {
        var page = refused(form("/timetable/new").param("start", "03:15").param("date", "23/11/2026"), 422);

        assertThat(page)
                .contains("03:15 – nửa đêm nằm trong giờ yên tĩnh 21:30 – tối đến 05:00 – sáng của Xã Tân Lập")
                .contains("Đổi thành 15:15 – chiều")
                .contains("value=\"start=15:15\"");
        assertThat(timetable.live(STATION)).isEmpty();

        var corrected = page(form("/timetable/new")
                .param("start", "03:15")
                .param("date", "23/11/2026")
                .param("correct", "start=15:15"));
        assertThat(corrected)
                .contains("Phát 15:15–15:30 một lần, thứ Hai 23/11, 3 cụm")
                .doesNotContain("giờ yên tĩnh 21:30 – tối");
    }

    @Test
    void aClashNamesBothAndKeepsWhatWasTyped() throws Exception {
        timetable.create(STATION, wanted(relay, SUNDAY, "17:00", Recurrence.daily(null)));

        var page = refused(
                form("/timetable/new")
                        .param("start", "17:15")
                        .param("date", "25/11/2026")
                        .param("volume", "33"),
                422);

        assertThat(page)
                .contains(
                        "“Bản tin xã” (17:15 – chiều đến 17:30 – chiều) trùng với “Tiếp sóng VOV” (17:00 – chiều đến 17:30 – chiều) từ thứ Tư 25/11, trên 3 cụm loa")
                .contains("Đổi thành 17:30 – chiều")
                .contains("value=\"33\"");
    }

    @Test
    void nonsenseIsNamedFieldByField() throws Exception {
        var page = refused(
                post("/timetable/new")
                        .param("recording", "abc")
                        .param("date", "31/02/2026")
                        .param("start", "25:00")
                        .param("repeat", "WEEKLY")
                        .param("until", "hôm nào đó")
                        .param("volume", "to")
                        .param("lateness", "-1")
                        .with(TestPeople.by(hoa)),
                422);

        assertThat(page)
                .contains("Chưa chọn chương trình")
                .contains("Ngày “31/02/2026” chưa đúng")
                .contains("Giờ “25:00” chưa đúng")
                .contains("Chưa chọn thứ nào")
                .contains("Ngày “hôm nào đó” chưa đúng")
                .contains("Âm lượng to không được")
                .contains("Muộn nhất -1 phút không được");
    }

    @Test
    void aRepeatingSlotAsksHowFarTheChangeReachesAndThenSaves() throws Exception {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)));
        var path = "/timetable/" + made.slot().value();

        var asked = page(edit(path, 1, "2026-11-24")
                .param("start", "18:00")
                .param("date", "24/11/2026")
                .param("repeat", "DAILY"));
        assertThat(asked).contains("Khung giờ này lặp lại").contains("Chỉ thứ Ba 24/11");
        assertThat(timetable.live(STATION)).hasSize(1);

        mvc.perform(edit(path, 1, "2026-11-24")
                        .param("start", "18:00")
                        .param("date", "24/11/2026")
                        .param("repeat", "DAILY")
                        .param("scope", "FROM"))
                .andExpect(status().is3xxRedirection());
        assertThat(timetable.live(STATION)).hasSize(2);
    }

    @Test
    void theSecondOperatorSeesWhatTheFirstChangedAndMayTakeOver() throws Exception {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.once()));
        var path = "/timetable/" + made.slot().value();
        var lan = people.with("hong-van", Role.OPERATOR, communePath);
        mvc.perform(form(path)
                        .param("revision", "1")
                        .param("on", "2026-11-22")
                        .param("start", "18:00")
                        .param("date", "22/11/2026")
                        .with(TestPeople.by(lan)))
                .andExpect(status().is3xxRedirection());

        var page = refused(edit(path, 1, "2026-11-22").param("start", "19:00").param("date", "22/11/2026"), 409);
        assertThat(page)
                .contains("Người hong-van đã sửa khung giờ này lúc 15:00")
                .contains("Bắt đầu: 17:00 → 18:00")
                .contains("Lưu đè bằng bản của tôi")
                .contains("value=\"19:00\"")
                .contains("name=\"revision\" value=\"2\"");
        assertThat(refused(
                        edit(path, 1, "2026-11-22")
                                .param("start", "19:00")
                                .param("date", "22/11/2026")
                                .cookie(new jakarta.servlet.http.Cookie("lang", "en")),
                        409))
                .contains("17:00 → 18:00")
                .doesNotContain("đã sửa khung giờ")
                .doesNotContain("Exception");
        assertThat(planned()).extracting(PlannedBroadcast::start).containsExactly(at(SUNDAY, "18:00"));

        mvc.perform(edit(path, 2, "2026-11-22").param("start", "19:00").param("date", "22/11/2026"))
                .andExpect(status().is3xxRedirection());
        assertThat(planned()).extracting(PlannedBroadcast::start).containsExactly(at(SUNDAY, "19:00"));
    }

    @Test
    void deletingMayBeUndoneByTheToast() throws Exception {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.once()));
        var answer = mvc.perform(post("/timetable/" + made.slot().value() + "/delete")
                        .param("revision", "1")
                        .param("on", "2026-11-22")
                        .with(TestPeople.by(hoa)))
                .andExpect(status().is3xxRedirection())
                .andReturn()
                .getResponse()
                .getRedirectedUrl();
        assertThat(page(get(answer))).contains("Đã lưu").contains("Hoàn tác");

        mvc.perform(post("/timetable/undo")
                        .param("change", answer.substring(answer.indexOf("saved=") + 6))
                        .with(TestPeople.by(hoa)))
                .andExpect(status().is3xxRedirection());
        assertThat(planned(made.slot())).hasSize(1);
    }

    @Test
    void whatIsOnTheAirCannotBeDeleted() throws Exception {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.once()));
        clock.set(at(SUNDAY, "17:01"));

        assertThat(refused(
                        post("/timetable/" + made.slot().value() + "/delete")
                                .param("revision", "1")
                                .param("on", "2026-11-22")
                                .with(TestPeople.by(hoa)),
                        422))
                .contains("“Bản tin xã” đang phát từ 17:00 – chiều");
    }

    @Test
    void aViewerReadsAndChangesNothing() throws Exception {
        var made = timetable.create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.once()));
        var viewer = people.with("khach", Role.VIEWER, communePath);
        var villager = people.with(
                "truong-thon",
                Role.OPERATOR,
                areas.findByCode("371").orElseThrow().path());

        for (var me : new SignedIn[] {viewer, villager}) {
            var page = mvc.perform(get("/timetable/" + made.slot().value()).with(TestPeople.by(me)))
                    .andExpect(status().isOk())
                    .andReturn()
                    .getResponse()
                    .getContentAsString();
            assertThat(page)
                    .contains("Bản tin xã")
                    .doesNotContain("Thêm khung giờ")
                    .doesNotContain("slot-form");
            mvc.perform(get("/timetable/new").with(TestPeople.by(me))).andExpect(status().isForbidden());
            mvc.perform(form("/timetable/new").with(TestPeople.by(me))).andExpect(status().isForbidden());
            mvc.perform(post("/timetable/undo")
                            .param("change", Long.toString(made.change()))
                            .with(TestPeople.by(me)))
                    .andExpect(status().isForbidden());
            mvc.perform(post("/timetable/" + made.slot().value() + "/delete").with(TestPeople.by(me)))
                    .andExpect(status().isForbidden());
        }
        mvc.perform(get("/timetable").with(TestPeople.by(people.person("nobody"))))
                .andExpect(status().isForbidden());
    }

    private MockHttpServletRequestBuilder form(String path) {
        return post(path).param("recording", Long.toString(bulletin.value()));
    }

    private MockHttpServletRequestBuilder edit(String path, int revision, String on) {
        return form(path)
                .param("revision", Integer.toString(revision))
                .param("on", on)
                .with(TestPeople.by(hoa));
    }

    private String page(MockHttpServletRequestBuilder request) throws Exception {
        return mvc.perform(request.with(TestPeople.by(hoa)).locale(Locale.US))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsString();
    }

    private String refused(MockHttpServletRequestBuilder request, int status) throws Exception {
        return mvc.perform(request.with(TestPeople.by(hoa)))
                .andExpect(status().is(status))
                .andReturn()
                .getResponse()
                .getContentAsString();
    }
}

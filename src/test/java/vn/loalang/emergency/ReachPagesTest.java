package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.flash;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import jakarta.servlet.http.Cookie;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.ResultActions;
import vn.loalang.access.AreaScope;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.area.AreaPath;
import vn.loalang.area.NewArea;
import vn.loalang.area.SqlTime;
import vn.loalang.broadcast.Outcome;
import vn.loalang.broadcast.Proof;
import vn.loalang.broadcast.Status;
import vn.loalang.broadcast.TwoPolesTestBase;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.DeviceId;

class ReachPagesTest extends TwoPolesTestBase {
    @Autowired
    Contacts contacts;

    @Autowired
    Alerts alerts;

    @Autowired
    Messages messages;

    SignedIn operator;
    AreaPath commune;
    Instant aired;

    @BeforeEach
    void aVillageWithOnePoleThatSoundsAndOneThatIsLost() {
        operator = people.everywhere(Role.OPERATOR);
        aired = clock.instant().truncatedTo(ChronoUnit.SECONDS).minusSeconds(60);
        commune = areas.add(NewArea.village(AreaPath.ROOT, "14329", "Xã Hoằng Sơn"))
                .path();
        twoPoles(
                areas.add(NewArea.village(commune, "1432901", "Đằng Xá")).path(),
                "Bến đò",
                aired.minusSeconds(900),
                aired);
    }

    @Test
    void theBoardCountsProvedAndClaimedApartAndNamesTheSilentPoleItsCauseAndWhomToCall() throws Exception {
        contacts.add(commune, "Lê Văn Thành", "Chủ tịch xã", "0900 000 141");
        var alert = aired(Status.ACTUAL);
        report(alert, hall, UNIT, 1, 2, new Outcome.Started(0, 0));
        report(alert, hall, UNIT, 2, 12, new Outcome.Completed(10_000, Proof.AMP, 100));

        var vi = page("/emergency/" + alert.id() + "/reach", "vi");
        assertThat(vi)
                .contains("trên 2 cụm đã có tiếng", "Bến đò", "mất kết nối", "tel:0900000141", "Chủ tịch xã")
                .contains("tiếng đầu tiên sau 2,0 giây")
                .doesNotContain("<html");
        assertThat(page("/emergency/" + alert.id() + "/reach", "en")).contains("first sound after 2.0 s");
    }

    @Test
    void aTickIsSomebodysWordWithNameAndTimeAndCanBeTakenBack() throws Exception {
        var alert = aired(Status.ACTUAL);

        tick(alert, lost, true);
        assertThat(page("/emergency/" + alert.id() + "/reach", "vi"))
                .contains("aria-pressed=\"true\"")
                .contains(operator.name() + " ghi lúc")
                .contains("cụm im lặng được người dân báo đã nghe")
                .contains("trên 2 cụm đã có tiếng");
        tick(alert, lost, false);
        assertThat(page("/emergency/" + alert.id() + "/reach", "vi")).doesNotContain("aria-pressed=\"true\"");
    }

    @Test
    void reportAndSheetSayThatADrillWasADrill() throws Exception {
        var alert = aired(Status.EXERCISE);
        tick(alert, lost, true);
        for (var language : List.of("vi", "en")) {
            var mark = language.equals("vi") ? "DIỄN TẬP – không phải tin thật" : "DRILL – not a real message";
            assertThat(page("/emergency/" + alert.id() + "/report", language))
                    .contains(mark, "Nước lên nhanh", "Bến đò", operator.name());
            assertThat(page("/emergency/" + alert.id() + "/handout", language))
                    .contains(mark, "Nước lên nhanh", "Bến đò");
        }
        assertThat(page("/emergency/" + aired(Status.ACTUAL).id() + "/report", "vi"))
                .doesNotContain("DIỄN TẬP – không phải tin thật");
    }

    @Test
    void sendingAgainRepeatsTheOrderWhileItIsOnAirAndAfterwardsArmsItForTheSilentPolesAlone() throws Exception {
        var alert = aired(Status.ACTUAL);
        report(alert, hall, UNIT, 1, 2, new Outcome.Started(0, 0));
        report(alert, hall, UNIT, 2, 12, new Outcome.Completed(10_000, Proof.AMP, 100));
        again(alert, "one")
                .andExpect(flash().attribute("resent", 0))
                .andExpect(redirectedUrl("/emergency/" + alert.id()));
        mvc.perform(get("/emergency/" + alert.id())
                        .with(by(operator))
                        .flashAttr("resent", 3)
                        .cookie(new Cookie("lang", "vi")))
                .andExpect(content().string(containsString("Đã gửi lại lệnh cho 3 cụm")));

        var message = messages.save(new ReadyMessage(
                ReadyMessage.NEW,
                Kind.ALERT,
                "Cảnh báo lũ",
                Bulletin.EMPTY,
                null,
                null,
                List.of(new Spoken("vi", "Nước lên nhanh.", null)),
                null,
                2,
                Duration.ofSeconds(2),
                100,
                Duration.ofMinutes(10),
                null,
                0));
        jdbc.sql("""
                        update emergency_alert set state = 'ENDED', closed_at = :at, ends_at = :at, message_id = :message
                        where id = :id""")
                .param("at", SqlTime.of(aired.plusSeconds(30)))
                .param("message", message.id().value())
                .param("id", alert.id().value())
                .update();
        var next = again(alert, "two").andReturn().getResponse().getRedirectedUrl();
        var armed = alerts.visible(
                        Long.parseLong(Objects.requireNonNull(next).substring("/emergency/".length())),
                        new AreaScope(List.of(AreaPath.ROOT)))
                .orElseThrow();
        assertThat(armed.state()).isEqualTo(AlertState.COUNTING);
        assertThat(armed.targets()).containsExactly(new Target.OnPole(lost));
        assertThat(armed.answers()).isEqualTo(alert.id());
    }

    @Test
    void whoLooksAfterSomeOfThePolesMaySendTheOrderAgain() throws Exception {
        var alert = aired(Status.ACTUAL);
        var elsewhere = areas.add(NewArea.village(AreaPath.ROOT, "14330", "Xã Hoằng Hải"));
        jdbc.sql(
                        "insert into emergency_alert_village (alert_id, area_id, controllers, online) values (:id, :area, 1, 1)")
                .param("id", alert.id().value())
                .param("area", elsewhere.id())
                .update();
        operator = people.with("xa", Role.OPERATOR, commune);
        again(alert, "one").andExpect(flash().attribute("resent", 0));
        var guest = people.with("khach", Role.VIEWER, commune);
        people.with(
                "laixe",
                Role.OPERATOR,
                areas.add(NewArea.village(AreaPath.ROOT, "14336", "Xã Hoằng Đông"))
                        .path());
        for (var other : List.of(guest, people.with("laixe", Role.VIEWER, commune))) {
            mvc.perform(post("/emergency/" + alert.id() + "/again")
                            .with(by(other))
                            .param("press", "two"))
                    .andExpect(status().isForbidden());
        }
    }

    private ResultActions again(AlertOnPaper alert, String press) throws Exception {
        return mvc.perform(post("/emergency/" + alert.id() + "/again")
                        .with(by(operator))
                        .param("press", press))
                .andExpect(status().is3xxRedirection());
    }

    @Test
    void thePageOfAnAlertHoldsTheBoardAndItsCourse() throws Exception {
        var alert = aired(Status.ACTUAL);
        for (var language : List.of("vi", "en")) {
            assertThat(page("/emergency/" + alert.id(), language))
                    .contains("Bến đò", "data-live-src=\"/emergency/" + alert.id() + "/reach?silent=\"");
            assertThat(page("/emergency/" + alert.id() + "/course", language))
                    .contains(operator.name(), "Nước lên nhanh")
                    .doesNotContain("<html");
        }
    }

    @Test
    void boardsAreReadAnewWhilePolesMayReportAndNotForever() {
        assertThat(alerts.soundedAfter(aired)).isFalse();
        var alert = aired(Status.ACTUAL);
        assertThat(alerts.soundedAfter(aired.plusSeconds(9000))).as("on air").isTrue();

        jdbc.sql("update emergency_alert set state = 'ENDED', closed_at = :at where id = :id")
                .param("at", SqlTime.of(aired.plusSeconds(30)))
                .param("id", alert.id().value())
                .update();
        assertThat(alerts.soundedAfter(aired.plusSeconds(29))).isTrue();
        assertThat(alerts.soundedAfter(aired.plusSeconds(31))).isFalse();
    }

    @Test
    void whoMayNotLookAtAnyOfItsVillagesFindsNoAlert() throws Exception {
        var alert = aired(Status.ACTUAL);
        var elsewhere =
                areas.add(NewArea.village(AreaPath.ROOT, "15000", "Xã Khác")).path();
        var stranger = people.with("khac", Role.OPERATOR, elsewhere);
        for (var page : List.of("reach", "report", "handout")) {
            mvc.perform(get("/emergency/" + alert.id() + "/" + page).with(by(stranger)))
                    .andExpect(status().isNotFound());
        }
        mvc.perform(post("/emergency/" + alert.id() + "/tick")
                        .with(by(stranger))
                        .param("pole", lost.toString())
                        .param("kind", "HEARD")
                        .param("set", "true"))
                .andExpect(status().isNotFound());
        mvc.perform(get("/emergency/999999/report").with(by(operator))).andExpect(status().isNotFound());
    }

    private void tick(AlertOnPaper alert, ControllerId pole, boolean set) throws Exception {
        mvc.perform(post("/emergency/" + alert.id() + "/tick")
                        .with(by(operator))
                        .param("pole", pole.toString())
                        .param("kind", "HEARD")
                        .param("set", Boolean.toString(set)))
                .andExpect(status().is3xxRedirection());
    }

    private void report(AlertOnPaper alert, ControllerId pole, DeviceId unit, long n, long second, Outcome outcome) {
        playbacks.record(List.of(report(alert.broadcast(), pole, unit, n, aired.plusSeconds(second), outcome)));
    }

    private AlertOnPaper aired(Status status) {
        return AlertOnPaper.aired(
                jdbc, broadcasts, areas, stations, operator, status, village, aired, Set.of(hall, lost));
    }

    private String page(String path, String language) throws Exception {
        return page(path, operator, language);
    }
}

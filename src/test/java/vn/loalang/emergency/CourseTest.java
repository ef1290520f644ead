package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.flash;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import jakarta.servlet.http.Cookie;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import vn.loalang.ShiftedClock;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Area;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.area.Refusal;
import vn.loalang.area.SqlTime;
import vn.loalang.broadcast.Status;
import vn.loalang.protocol.Limits;
import vn.loalang.web.Times;

/** What a reader finds out afterwards about an alert: who did what, when, and how it ended. */
@SpringBootTest
@AutoConfigureMockMvc
@DirtiesContext
@Import(ShiftedClock.class)
@TestPropertySource(
        properties = {
            "loalang.emergency.wide-controllers=2",
            "spring.datasource.url=jdbc:h2:mem:course;MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
        })
class CourseTest extends AlertTestBase {
    private static final Pattern LINE =
            Pattern.compile("<li><time class=\"num\">([^<]+)</time> <span>([^<]+)</span></li>");

    @Autowired
    Countdown countdown;

    @Autowired
    ShiftedClock clock;

    @Autowired
    MockMvc mvc;

    @Autowired
    Times times;

    Area province;
    Area commune;
    ReadyMessage flood;
    SignedIn duty;
    SignedIn deputy;
    SignedIn chair;
    SignedIn hoa;

    /** Only the test looks at the clock. */
    @BeforeEach
    void aCommuneAndItsProvince() {
        countdown.stop();
        if (areas.findByCode("37").isEmpty()) {
            var top = area(AreaPath.ROOT, "37", "Tỉnh Ninh Bình", Authority.PROVINCE);
            var under = area(top.path(), "3701", "Xã Tân Lập", Authority.COMMUNE);
            pole(area(under.path(), "370101", "Thôn Cầu Mới", Authority.VILLAGE), "Cầu Mới");
            pole(area(under.path(), "370102", "Thôn Đằng Xá", Authority.VILLAGE), "Đình làng");
            var far = area(top.path(), "3702", "Xã Yên Mỹ", Authority.COMMUNE);
            pole(area(far.path(), "370201", "Thôn Bãi", Authority.VILLAGE), "Bãi");
        }
        province = areas.findByCode("37").orElseThrow();
        commune = areas.findByCode("3701").orElseThrow();
        flood = message(Kind.ALERT, "Cảnh báo lũ", "Nước sông đang lên nhanh.");
        duty = people.with("truc", Role.OPERATOR, province.path());
        deputy = people.with("pho", Role.APPROVER, province.path());
        chair = people.with("chutich", Role.APPROVER, commune.path());
        hoa = people.with("hoa", Role.OPERATOR, commune.path());
    }

    @AfterEach
    void theServerLooksAgain() {
        countdown.start();
    }

    /** One line of the course, its moment as the page says it. */
    private record Line(String at, String says) {}

    @ParameterizedTest
    @EnumSource(
            value = Status.class,
            names = {"ACTUAL", "EXERCISE"})
    void theCourseAndTheReportTellTheWholeHistoryInOrder(Status status) throws Exception {
        var drill = status == Status.EXERCISE;
        var armed = alerts.arm(press(flood, status, in(province)), by(duty));
        var expected = new ArrayList<Line>();
        expected.add(line(
                armed.armedAt(),
                duty.name() + (drill ? " ra lệnh phát diễn tập tới" : " ra lệnh phát tới")
                        + " 3 cụm loa ở Tỉnh Ninh Bình; lúc đó 0 cụm đang kết nối"));
        if (!drill) {
            clock.forward(Duration.ofSeconds(30));
            var agreed = alerts.second(armed.id(), by(deputy)).secondAt();
            expected.add(line(agreed, deputy.name() + " đồng ý, là người thứ hai"));
        }
        var alert = air(armed.id());
        expected.add(line(alert.airedAt(), "Hết giờ đếm, không ai huỷ. Máy chủ ký lệnh và gửi tới 3 cụm loa"));
        expected.add(line(alert.soundsUntil(), "Cụm nào phát ngay từ đầu thì đến đây đã phát xong"));
        clock.forward(Duration.ofMinutes(1));
        expected.add(line(again(alert, hoa), hoa.name() + " gửi lại lệnh cho 0 cụm đang kết nối mà chưa nhận"));
        clock.forward(Duration.ofMinutes(2));
        alerts.stop(alert.id(), by(chair), "Xã đang họp dân");
        var silenced = alerts.silences(alert.id()).get(0).at();
        expected.add(line(silenced, chair.name() + " cho dừng ở Thôn Cầu Mới, Thôn Đằng Xá. Lý do: Xã đang họp dân"));
        assertThat(course(alert, "vi")).as("so far").isEqualTo(expected);

        clock.forward(Duration.ofMinutes(10));
        alerts.sweep();
        expected.add(line(alert.endsAt(), "Hết hiệu lực, không ai cho dừng; từ đây không cụm nào phát tin này nữa"));
        assertThat(course(alert, "vi")).isEqualTo(expected);
        assertThat(report(alert, "vi")).isEqualTo(expected);
        assertThat(course(alert, "en"))
                .extracting(Line::says)
                .contains(
                        hoa.name() + " sent the order again to 0 connected clusters that had not received it",
                        chair.name() + " stopped it in Thôn Cầu Mới, Thôn Đằng Xá. Reason: Xã đang họp dân",
                        "Its time was over and nobody had stopped it; from here on no cluster sounds it");
    }

    @Test
    void whoStopsItIsNamedAndItsTimeIsNotOverThen() throws Exception {
        var alert = air(alerts.arm(press(flood, commune), by(hoa)).id());
        clock.forward(Duration.ofMinutes(1));
        alerts.stop(alert.id(), by(hoa), "");
        clock.forward(Duration.ofMinutes(20));
        alerts.sweep();
        assertThat(last(course(alert, "vi"))).startsWith(hoa.name() + " cho dừng ở mọi nơi.");
        assertThat(last(course(alert, "en"))).startsWith(hoa.name() + " stopped it everywhere.");
    }

    @Test
    void whatIsOverIsNotSentAgainAndNobodyIsSaidToHaveDoneIt() throws Exception {
        var alert = air(alerts.arm(press(flood, commune), by(hoa)).id());
        alerts.stop(alert.id(), by(hoa), "");
        var before = course(alert, "vi");
        assertThatThrownBy(() -> alerts.resend(alert, by(hoa)))
                .as("it was on air when the page was read")
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("notOnAir");
        assertThat(course(alert, "vi")).isEqualTo(before);
    }

    @Test
    void whoSentItAgainIsNamedThoughTheServerDiedBeforeItCouldCount() throws Exception {
        var alert = air(alerts.arm(press(flood, commune), by(hoa)).id());
        again(alert, hoa);
        jdbc.sql("update emergency_resend set boxes = null").update();
        assertThat(last(course(alert, "vi")))
                .isEqualTo(hoa.name() + " gửi lại lệnh cho các cụm đang kết nối mà chưa nhận");
    }

    @Test
    void theCorrectionTheAllClearAndTheRepetitionToSilentPolesStandInTheCourse() throws Exception {
        var correction = message(Kind.CORRECTION, "Phát nhầm", "Tin vừa phát là nhầm.");
        var clear = message(Kind.ALL_CLEAR, "Hết lũ", "Nước đã rút.");
        var alert = air(alerts.arm(press(flood, commune), by(hoa)).id());
        clock.forward(Duration.ofMinutes(1));
        for (var answer : List.of(correction, clear)) {
            var armed = alerts.answer(alert.id(), answer.id(), UUID.randomUUID().toString(), by(hoa));
            alerts.cancel(armed.id(), by(hoa));
            clock.forward(Duration.ofSeconds(1));
        }
        mvc.perform(post("/emergency/" + alert.id() + "/again")
                        .with(TestPeople.by(hoa))
                        .param("press", UUID.randomUUID().toString()))
                .andExpect(status().is3xxRedirection());
        assertThat(course(alert, "vi"))
                .extracting(Line::says)
                .endsWith(
                        hoa.name() + " ra lệnh phát tin báo yên: Hết lũ",
                        hoa.name() + " ra lệnh phát lại cho 2 cụm im lặng")
                .contains(hoa.name() + " ra lệnh phát tin đính chính: Phát nhầm");
    }

    @Test
    void whyItDidNotAirStandsInItsCourse() throws Exception {
        var late = alerts.arm(press(flood, commune), by(hoa));
        clock.forward(Duration.ofSeconds(100));
        alerts.fire(late.id());
        assertThat(last(course(late, "vi")))
                .isEqualTo("Không phát: máy chủ không hoạt động đúng lúc phải phát và trở lại quá muộn");
        assertThat(last(report(late, "en")))
                .isEqualTo("It did not air: the server was not running at its moment and came back too late");

        var alone = alerts.arm(press(flood, province), by(duty));
        clock.forward(Duration.ofMinutes(6));
        alerts.sweep();
        assertThat(last(course(alone, "vi"))).isEqualTo("Không phát: không ai đồng ý trong thời hạn");
        assertThat(last(report(alone, "en"))).isEqualTo("It did not air: nobody agreed in time");
    }

    @Test
    void whyDeliveryRefusedItIsSaidWithItsNumbers() throws Exception {
        for (var i = 0; i < Limits.ENTRIES; i++) {
            air(alerts.arm(press(flood, commune), by(hoa)).id());
        }
        var refused = alerts.arm(press(flood, commune), by(hoa));
        clock.forward(Duration.ofSeconds(9));
        alerts.fire(refused.id());
        var why = "Một địa bàn có nhiều nhất 16 lệnh khẩn cấp cùng lúc: báo yên bớt rồi phát lại.";
        assertThat(last(course(refused, "vi"))).isEqualTo("Không phát: máy chủ không ra được lệnh. " + why);
        assertThat(last(report(refused, "en")))
                .startsWith("It did not air: the server could not give the order. ")
                .contains("16")
                .doesNotContain("{0}");
        assertThat(page("/today", "vi")).as("on every screen").contains(why);
        assertThat(page("/emergency/" + refused.id(), "vi")).contains(why);
    }

    private Alert air(AlertId id) {
        clock.forward(Duration.ofSeconds(stations.main().countdownSeconds() + 1));
        assertThat(alerts.fire(id)).isTrue();
        var aired = alerts.find(id).orElseThrow();
        assertThat(aired.state()).isEqualTo(AlertState.AIRED);
        return aired;
    }

    /** Sends the order again as the page does; when. */
    private Instant again(Alert alert, SignedIn who) throws Exception {
        mvc.perform(post("/emergency/" + alert.id() + "/again")
                        .with(TestPeople.by(who))
                        .param("press", UUID.randomUUID().toString()))
                .andExpect(flash().attribute("resent", 0));
        return jdbc.sql("select max(resent_at) as at from emergency_resend")
                .query((row, number) -> SqlTime.get(row, "at"))
                .single();
    }

    private Line line(@Nullable Instant at, String says) {
        return new Line(times.seconds(Objects.requireNonNull(at)), says);
    }

    private static String last(List<Line> lines) {
        return lines.get(lines.size() - 1).says();
    }

    private List<Line> course(Alert alert, String language) throws Exception {
        return lines(page("/emergency/" + alert.id() + "/course", language));
    }

    private List<Line> report(Alert alert, String language) throws Exception {
        return lines(page("/emergency/" + alert.id() + "/report", language));
    }

    private static List<Line> lines(String page) {
        return LINE.matcher(page)
                .results()
                .map(line -> new Line(line.group(1), line.group(2).strip()))
                .toList();
    }

    private String page(String path, String language) throws Exception {
        return mvc.perform(get(path).with(TestPeople.by(duty)).cookie(new Cookie("lang", language)))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsString(StandardCharsets.UTF_8);
    }
}

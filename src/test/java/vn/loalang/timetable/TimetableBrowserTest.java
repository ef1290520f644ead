package vn.loalang.timetable;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.browser.Browsers;
import vn.loalang.web.Addresses;

@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class TimetableBrowserTest extends TimetableTestBase {
    @Autowired
    Addresses addresses;

    @Test
    void aDailySlotTakesFiveActionsAndANightlyOneIsRefusedWhereItIsTyped() {
        var hoa = people.everywhere(Role.OPERATOR);
        timetable.create(STATION, wanted(relay, SUNDAY.minusDays(0), "17:30", Recurrence.daily(null)));
        try (var visitor = Browsers.desktop(
                URI.create("https://localhost:" + addresses.httpsPort().orElseThrow()))) {
            visitor.expectingError("422");
            var page = visitor.open("/timetable");
            visitor.signIn(hoa.login(), TestPeople.PASSWORD);
            visitor.open("/timetable");
            visitor.accessible().fitsAPhone().shot("timetable");

            page.keyboard().press("n");
            page.waitForSelector("#slot-form");
            page.fill("#start", "03:15");
            page.click("#repeat label:nth-child(2)");
            page.waitForSelector("#preview .field-error");
            assertThat(page.textContent("#preview")).contains("nằm trong giờ yên tĩnh");
            page.click("#slot-save");
            page.waitForSelector("button[name=correct]");
            visitor.accessible().fitsAPhone().shot("timetable-refused");
            page.click("button[name=correct] >> nth=0");
            page.fill("#start", "17:00");
            page.click("#slot-save");
            page.waitForURL("**/timetable?week=*");
            assertThat(page.textContent("[data-toast]")).contains("Đã lưu");
            assertThat(page.textContent(".week-grid")).contains("Bản tin xã");
            visitor.accessible().shot("timetable-saved");

            page.click("[data-toast] button");
            page.waitForURL("**/timetable?week=*");
            assertThat(timetable.live(STATION)).hasSize(1);

            page.click(".slot >> nth=0");
            page.waitForSelector("#slot-form");
            page.fill("#volume", "50");
            page.click("#slot-save");
            page.waitForSelector("#scope");
            visitor.accessible().shot("timetable-scope");
            page.keyboard().press("Escape");
            page.waitForURL("**/timetable?week=*");
        }
    }
}

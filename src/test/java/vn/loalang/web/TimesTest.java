package vn.loalang.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import vn.loalang.area.Stations;

/** The JVM of the tests stands in New York on purpose. */
@SpringBootTest
class TimesTest {
    @Autowired
    Stations stations;

    @Autowired
    MessageSource messages;

    Times times;

    @BeforeEach
    void sundayEvening() {
        var now = Instant.parse("2026-11-22T10:08:42Z");
        times = new Times(java.time.Clock.fixed(now, java.time.ZoneOffset.UTC), stations, messages);
        LocaleContextHolder.setLocale(Locale.forLanguageTag("vi"));
    }

    @AfterEach
    void noLanguage() {
        LocaleContextHolder.resetLocaleContext();
    }

    @Test
    void everyMomentIsReadOnTheStationsClock() {
        assertThat(times.seconds(times.now())).isEqualTo("17:08:42");
        assertThat(times.fullDate(times.now())).isEqualTo("Chủ Nhật 22/11/2026");
        assertThat(times.timeInWords(Instant.parse("2026-11-21T20:15:00Z"))).isEqualTo("03:15 – nửa đêm");
        assertThat(times.timeInWords(LocalTime.of(17, 0))).isEqualTo("17:00 – chiều");
        assertThat(times.since(Instant.parse("2026-11-22T09:41:00Z"))).isEqualTo("từ 16:41");
        assertThat(times.since(Instant.parse("2026-11-21T09:41:00Z"))).isEqualTo("từ 16:41 ngày 21/11");
        assertThat(times.range(Instant.parse("2026-11-22T10:00:00Z"), Instant.parse("2026-11-22T10:15:00Z")))
                .isEqualTo("17:00–17:15");
    }

    @Test
    void agesAndLengthsUseTheLargestFittingUnit() {
        assertThat(times.ago(times.now())).isEqualTo("vừa xong");
        assertThat(times.ago(times.now().minusSeconds(2))).isEqualTo("2 giây trước");
        assertThat(times.ago(times.now().minusSeconds(3599))).isEqualTo("59 phút trước");
        assertThat(times.length(Duration.ofMillis(133_600))).isEqualTo("02:14");
        assertThat(times.length(Duration.ofSeconds(3734))).isEqualTo("1:02:14");
    }

    @Test
    void theReadersLanguageDecidesTheWords() {
        LocaleContextHolder.setLocale(Locale.ENGLISH);
        assertThat(times.fullDate(LocalDate.of(2026, 11, 22))).isEqualTo("Sunday 22/11/2026");
        assertThat(times.shortWeekday(DayOfWeek.MONDAY)).isEqualTo("Mon");
    }
}

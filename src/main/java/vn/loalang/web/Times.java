package vn.loalang.web;

import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.stereotype.Component;
import vn.loalang.area.Stations;

/**
 * Every moment as people read it, in the station's zone and the reader's language; {@code times} in templates. Browsers
 * never format a time: theirs may be another zone.
 */
@Component
public final class Times {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
    private static final DateTimeFormatter TIME_WITH_SECONDS = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("dd/MM/yyyy", Locale.ROOT);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("dd/MM", Locale.ROOT);

    private final Clock clock;
    private final Stations stations;
    private final MessageSource messages;

    Times(Clock clock, Stations stations, MessageSource messages) {
        this.clock = clock;
        this.stations = stations;
        this.messages = messages;
    }

    /** The station's zone. */
    public ZoneId zone() {
        return stations.main().zone();
    }

    /** {@code Giờ Việt Nam}, or the zone's own name where the station keeps another. */
    public String zoneName() {
        var zone = zone().getId();
        return zone.equals("Asia/Ho_Chi_Minh") ? message("web.zone.vietnam") : message("web.zone.other", zone);
    }

    /** Now. */
    public Instant now() {
        return clock.instant();
    }

    /** Today at the station. */
    public LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), zone());
    }

    /** {@code 17:00} */
    public String time(Instant moment) {
        return TIME.format(moment.atZone(zone()));
    }

    /** {@code 17:00} */
    public String time(LocalTime time) {
        return TIME.format(time);
    }

    /** {@code 17:00:05} */
    public String seconds(Instant moment) {
        return TIME_WITH_SECONDS.format(moment.atZone(zone()));
    }

    /** {@code 03:15 – nửa đêm} */
    public String timeInWords(Instant moment) {
        return timeInWords(moment.atZone(zone()).toLocalTime());
    }

    /** {@code 03:15 – nửa đêm} */
    public String timeInWords(LocalTime time) {
        return message("web.time.inWords", time(time), partOfDay(time));
    }

    /** {@code nửa đêm}, {@code sáng}, {@code trưa}, {@code chiều}, {@code tối} */
    public String partOfDay(LocalTime time) {
        var hour = time.getHour();
        if (hour < 4 || hour >= 23) {
            return message("web.time.night");
        } else if (hour < 11) {
            return message("web.time.morning");
        } else if (hour < 13) {
            return message("web.time.noon");
        } else if (hour < 18) {
            return message("web.time.afternoon");
        }
        return message("web.time.evening");
    }

    /** {@code 17:00–17:15}; {@code 17:00} alone when both fall into one minute. */
    public String range(Instant from, Instant to) {
        return time(from).equals(time(to)) && Duration.between(from, to).compareTo(Duration.ofMinutes(1)) < 0
                ? time(from)
                : time(from) + "–" + time(to);
    }

    /** {@code 22/11/2026} */
    public String date(Instant moment) {
        return date(LocalDate.ofInstant(moment, zone()));
    }

    /** {@code 22/11/2026} */
    public String date(LocalDate date) {
        return DATE.format(date);
    }

    /** {@code 22/11} */
    public String day(LocalDate date) {
        return DAY.format(date);
    }

    /** {@code Chủ Nhật 22/11/2026} */
    public String fullDate(Instant moment) {
        return fullDate(LocalDate.ofInstant(moment, zone()));
    }

    /** {@code Chủ Nhật 22/11/2026} */
    public String fullDate(LocalDate date) {
        return weekday(date.getDayOfWeek()) + " " + date(date);
    }

    /** {@code Chủ Nhật} */
    public String weekday(DayOfWeek day) {
        return message("web.weekday." + day.name().toLowerCase(Locale.ROOT));
    }

    /** {@code T2}, {@code CN} */
    public String shortWeekday(DayOfWeek day) {
        return message("web.weekday.short." + day.name().toLowerCase(Locale.ROOT));
    }

    /** {@code 17:00 22/11/2026} */
    public String dateTime(Instant moment) {
        return time(moment) + " " + date(moment);
    }

    /** {@code 17:00:05 22/11/2026} */
    public String precise(Instant moment) {
        return seconds(moment) + " " + date(moment);
    }

    /** {@code 17:00} today, {@code 17:00 ngày 21/11} on other days. */
    public String near(Instant moment) {
        var date = LocalDate.ofInstant(moment, zone());
        if (date.equals(today())) {
            return time(moment);
        }
        return message("web.time.onDay", time(moment), date.getYear() == today().getYear() ? day(date) : date(date));
    }

    /** {@code từ 16:41}, with the day when it is not today. */
    public String since(Instant moment) {
        return message("web.time.since", near(moment));
    }

    /** {@code 2 giây trước}, in the largest whole unit; {@code vừa xong} below one second. */
    public String ago(Instant moment) {
        var passed = Duration.between(moment, clock.instant());
        if (passed.compareTo(Duration.ofSeconds(1)) < 0) {
            return message("web.time.justNow");
        } else if (passed.compareTo(Duration.ofMinutes(1)) < 0) {
            return message("web.time.secondsAgo", passed.toSeconds());
        } else if (passed.compareTo(Duration.ofHours(1)) < 0) {
            return message("web.time.minutesAgo", passed.toMinutes());
        } else if (passed.compareTo(Duration.ofDays(1)) < 0) {
            return message("web.time.hoursAgo", passed.toHours());
        }
        return message("web.time.daysAgo", ChronoUnit.DAYS.between(moment, clock.instant()));
    }

    /** {@code 02:14}, with hours {@code 1:02:14}; rounded to whole seconds. */
    public String length(Duration length) {
        var seconds = length.plusMillis(500).toSeconds();
        return seconds < 3600
                ? String.format(Locale.ROOT, "%02d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    private String message(String key, Object... arguments) {
        return messages.getMessage(key, arguments, LocaleContextHolder.getLocale());
    }
}

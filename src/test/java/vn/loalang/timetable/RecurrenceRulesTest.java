package vn.loalang.timetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RecurrenceRulesTest {
    private static final Path CASES = gold("rrule_cases.jsonl");
    private static final Path BAD_RULES = gold("invalid_rules.tsv");
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss");

    /** Some calendars expand these, but the standard says MUST NOT. */
    private static final Pattern RFC_FORBIDS = Pattern.compile(
            "FREQ=(DAILY|WEEKLY|MONTHLY).*BYYEARDAY|FREQ=(DAILY|WEEKLY|MONTHLY).*BYWEEKNO|FREQ=WEEKLY.*BYMONTHDAY|BYWEEKDAY");

    @Test
    void everyGoldRuleGivesTheKnownMoments() throws IOException {
        assumeTrue(Files.exists(CASES), "gold rules are not on this machine");
        var wrong = new ArrayList<String>();
        // The library reads some yearly rules differently; the timetable writes none.
        var yearly = new ArrayList<String>();
        var seen = 0;
        for (var line : Files.readAllLines(CASES)) {
            var gold = JsonMapper.shared().readTree(line);
            if (!gold.path("tier").asString().equals("gold")) {
                continue;
            }
            seen++;
            var expected = texts(gold.path("expected")).stream()
                    .map(RecurrenceRulesTest::moment)
                    .map(MOMENT::format)
                    .toList();
            var first = moment(gold.path("dtstart").asString());
            var except = Set.copyOf(texts(gold.path("exdate")).stream()
                    .map(RecurrenceRulesTest::moment)
                    .toList());
            var rule = gold.path("rrule").get(0).asString();
            if (RFC_FORBIDS.matcher(rule).find()) {
                assertThatThrownBy(() ->
                                RecurrenceRules.moments(first, false, rule).findFirst())
                        .as(rule)
                        .isInstanceOf(IllegalArgumentException.class);
                continue;
            }
            var found = RecurrenceRules.moments(first, gold.path("date_only").asBoolean(), rule)
                    .filter(moment -> !except.contains(moment))
                    .limit(gold.path("finite").asBoolean() ? expected.size() + 1L : expected.size())
                    .map(MOMENT::format)
                    .toList();
            if (!found.equals(expected)) {
                (rule.contains("FREQ=YEARLY") ? yearly : wrong)
                        .add(gold.path("id").asString() + " " + gold.path("rrule") + " from " + first + ": " + found
                                + " instead of " + expected);
            }
        }
        assertThat(seen).isGreaterThan(150);
        assertThat(wrong).isEmpty();
        assertThat(yearly).hasSizeLessThanOrEqualTo(10);
    }

    @Test
    void rulesThatAreNoneAreRefused() throws IOException {
        assumeTrue(Files.exists(BAD_RULES), "gold rules are not on this machine");
        Files.readAllLines(BAD_RULES).stream()
                .filter(line -> line.startsWith("lib-recur/"))
                .map(line -> line.split("\t", 2)[1])
                .forEach(rule -> assertThatThrownBy(
                                () -> RecurrenceRules.moments(LocalDateTime.of(2026, 1, 1, 0, 0), false, rule)
                                        .findFirst())
                        .as(rule)
                        .isInstanceOf(IllegalArgumentException.class));
    }

    @Test
    void datesAgreeWithCountingDayByDay() {
        var random = new Random(20261121);
        for (var round = 0; round < 300; round++) {
            var first = LocalDate.of(2026, 1, 1).plusDays(random.nextInt(700));
            var until = random.nextBoolean() ? first.plusDays(random.nextInt(200)) : null;
            var days = EnumSet.of(DayOfWeek.of(1 + random.nextInt(7)), DayOfWeek.of(1 + random.nextInt(7)));
            var rhythm = random.nextInt(3);
            var recurrence = rhythm == 0
                    ? Recurrence.once()
                    : rhythm == 1 ? Recurrence.daily(until) : Recurrence.weekly(days, until);
            var except = new TreeSet<LocalDate>();
            for (var i = random.nextInt(5); i > 0; i--) {
                except.add(first.plusDays(random.nextInt(30)));
            }
            var from = first.minusDays(20).plusDays(random.nextInt(80));
            var till = from.plusDays(random.nextInt(120));

            var expected = Stream.iterate(from, day -> !day.isAfter(till), day -> day.plusDays(1))
                    .filter(day -> !day.isBefore(first) && !except.contains(day))
                    .filter(day -> until == null || !recurrence.repeats() || !day.isAfter(until))
                    .filter(day -> switch (recurrence.kind()) {
                        case ONCE -> day.equals(first);
                        case DAILY -> true;
                        case WEEKLY -> days.contains(day.getDayOfWeek());
                    })
                    .toList();

            assertThat(RecurrenceRules.dates(first, recurrence.rule().orElse(null), except, from, till))
                    .as("%s from %s, %s to %s without %s", recurrence, first, from, till, except)
                    .isEqualTo(expected);
            assertThat(Recurrence.parse(recurrence.rule().orElse(null))).isEqualTo(recurrence);
        }
    }

    @Test
    void aRuleWrittenElsewhereIsNotShownAsIfUnderstood() {
        assertThatThrownBy(() -> Recurrence.parse("FREQ=MONTHLY;BYDAY=1MO"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Recurrence.parse("FREQ=DAILY;INTERVAL=2"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Beside the checkout, or one higher for a second working tree. */
    private static Path gold(String name) {
        var beside = Path.of("../shared/data/rrule", name);
        return Files.exists(beside) ? beside : Path.of("../../shared/data/rrule", name);
    }

    private static LocalDateTime moment(String written) {
        var text = written.replace("Z", "");
        return text.length() == 8
                ? LocalDate.parse(text, DateTimeFormatter.BASIC_ISO_DATE).atStartOfDay()
                : LocalDateTime.parse(text, MOMENT);
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(node -> texts.add(node.asString()));
        return texts;
    }
}

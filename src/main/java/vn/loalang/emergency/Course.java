package vn.loalang.emergency;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.context.support.DefaultMessageSourceResolvable;
import org.springframework.stereotype.Component;
import vn.loalang.broadcast.Reach;

/** What happened to an alert, in order: what people did about it, what it reached, and how it ended or why it never began. */
@Component
class Course {
    private final AlertBook book;
    private final Clock clock;

    Course(AlertBook book, Clock clock) {
        this.book = book;
        this.clock = clock;
    }

    /** One line: when, and what the message of this key says with these values. */
    record Event(Instant at, String key, List<Object> values) {
        Event {
            values = List.copyOf(values);
        }

        static Event of(Instant at, String key, Object... values) {
            return new Event(at, "emergency.course." + key, List.of(values));
        }
    }

    /** Beside a board, which tells by itself how many sounded how soon. */
    List<Event> soFar(Alert alert) {
        return whole(alert, null);
    }

    /**
     * All of it.
     *
     * @param reach whom it reached; null before anybody could be
     */
    List<Event> whole(Alert alert, @Nullable Reach reach) {
        var events = new ArrayList<Event>();
        ordered(alert, events);
        if (reach != null) {
            sounded(reach, events);
        }
        repeated(alert, events);
        silenced(alert, events);
        closed(alert, events);
        answered(alert, events);
        events.sort(Comparator.comparing(Event::at));
        return events;
    }

    private static void ordered(Alert alert, List<Event> events) {
        events.add(Event.of(
                alert.armedAt(),
                alert.drill() ? "armedDrill" : "armed",
                alert.armedByName(),
                alert.controllers(),
                alert.place(),
                alert.online()));
        if (alert.secondAt() != null && alert.secondByName() != null) {
            events.add(Event.of(alert.secondAt(), "seconded", alert.secondByName()));
        } else if (alert.secondUntil() != null && alert.firesAt() != null) {
            events.add(Event.of(alert.secondUntil(), "unseconded"));
        }
        if (alert.airedAt() != null) {
            events.add(Event.of(alert.airedAt(), "aired", alert.controllers()));
        }
    }

    private static void sounded(Reach reach, List<Event> events) {
        var pace = reach.pace();
        if (pace.first() != null) {
            events.add(Event.of(reach.released().plus(pace.first()), "first"));
        }
        share(reach, pace.half(), 50, events);
        share(reach, pace.ninety(), 90, events);
        share(reach, pace.all(), 100, events);
    }

    private static void share(Reach reach, @Nullable Duration after, int percent, List<Event> events) {
        if (after != null) {
            events.add(Event.of(reach.released().plus(after), "share", percent));
        }
    }

    private void repeated(Alert alert, List<Event> events) {
        for (var resend : book.resends(alert.id())) {
            events.add(
                    resend.boxes() == null
                            ? Event.of(resend.at(), "resentUncounted", resend.by())
                            : Event.of(resend.at(), "resent", resend.by(), resend.boxes()));
        }
    }

    /** What one person did for one reason at one moment is one line, whatever number of villages it was for. */
    private void silenced(Alert alert, List<Event> events) {
        record Deed(Instant at, String by, String reason) {}
        var deeds = new LinkedHashMap<Deed, List<String>>();
        for (var it : book.silences(alert.id())) {
            deeds.computeIfAbsent(new Deed(it.at(), it.by(), it.reason()), deed -> new ArrayList<>())
                    .add(it.village());
        }
        deeds.forEach((deed, villages) ->
                events.add(Event.of(deed.at(), "silenced", deed.by(), String.join(", ", villages), deed.reason())));
    }

    private void closed(Alert alert, List<Event> events) {
        var at = alert.closedAt();
        if (alert.airedAt() != null && alert.soundsUntil().isBefore(at == null ? clock.instant() : at)) {
            events.add(Event.of(alert.soundsUntil(), "over"));
        }
        if (at == null) {
            return;
        }
        var by = alert.closedByName();
        var reason = alert.closeReason();
        events.add(
                switch (alert.state()) {
                    case CANCELLED -> Event.of(at, "cancelled", by == null ? "" : by);
                    case LAPSED -> lapsed(alert, at);
                    case WAITING_SECOND, COUNTING, AIRED, ENDED ->
                        by == null ? Event.of(at, "ended") : Event.of(at, "stopped", by, reason == null ? "" : reason);
                });
    }

    private static Event lapsed(Alert alert, Instant at) {
        var why = alert.lapseKey();
        return why == null
                ? Event.of(at, "lapsed." + alert.lapse())
                : Event.of(
                        at,
                        "lapsed.REFUSED",
                        new DefaultMessageSourceResolvable(
                                new String[] {why}, alert.lapseValues().toArray()));
    }

    private void answered(Alert alert, List<Event> events) {
        for (var answer : book.answers(alert.id())) {
            events.add(Event.of(
                    answer.at(), "answered." + answer.kind(), answer.by(), answer.title(), answer.controllers()));
        }
    }
}

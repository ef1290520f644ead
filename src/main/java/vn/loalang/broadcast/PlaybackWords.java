package vn.loalang.broadcast;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.stereotype.Component;
import vn.loalang.broadcast.Wording.Kind;
import vn.loalang.broadcast.Wording.Known;
import vn.loalang.fleet.Presence;
import vn.loalang.web.Times;

/**
 * The words for every outcome: state, reason and presence together. "Playing" is said only while a connected controller
 * says so; what is not known is called unknown, with what is known of why.
 */
@Component
final class PlaybackWords {
    /** A gap this short is the rounding of frames and of the start, not a gap. */
    static final Duration WHOLE = Duration.ofMillis(1500);

    /** How long after its start a connected controller may still be silent before that is called unknown. */
    static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final String PREFIX = "broadcast.words.";

    /** Sentences that name the timetable, and have a twin that names the order. */
    private static final Set<String> ABOUT_ORDERS = Stream.concat(
                    Stream.of("planned", "sent", "received"),
                    Stream.of("lost.", "never.", "unknown.lost.", "unknown.never.", "unknown.silent.")
                            .flatMap(how -> Stream.of("none", "plan", "sound").map(how::concat)))
            .map(PREFIX::concat)
            .collect(Collectors.toUnmodifiableSet());

    private final MessageSource messages;
    private final Times times;

    PlaybackWords(MessageSource messages, Times times) {
        this.messages = messages;
        this.times = times;
    }

    /** The sentence in the reader's language. */
    String sentence(Wording wording) {
        return messages.getMessage(
                wording.key(),
                wording.arguments().stream().map(this::inWords).toArray(),
                LocaleContextHolder.getLocale());
    }

    /** How it is known, in the reader's language; empty where nothing was reported as heard. */
    String known(Wording wording) {
        return wording.known() == Known.NOTHING
                ? ""
                : messages.getMessage(wording.known().key(), null, LocaleContextHolder.getLocale());
    }

    private String inWords(Object argument) {
        if (argument instanceof Instant moment) {
            return times.near(moment);
        } else if (argument instanceof Duration length) {
            return times.length(length);
        } else if (argument instanceof Reason reason) {
            return messages.getMessage("broadcast.reason." + reason.wire(), null, LocaleContextHolder.getLocale());
        }
        return argument.toString();
    }

    /** What is to be said of the playback now. */
    static Wording of(PlaybackView playback, Presence presence, Instant now) {
        var wording = judged(playback, presence, now);
        return switch (playback.origin()) {
            case SLOT -> wording;
            // Nobody looks for an alert or a speech in the timetable.
            case EMERGENCY, LIVE -> ABOUT_ORDERS.contains(wording.key()) ? wording.ofOrder() : wording;
        };
    }

    private static Wording judged(PlaybackView playback, Presence presence, Instant now) {
        return switch (playback.state()) {
            case PLANNED, SENT, RECEIVED, PREPARED -> open(playback, presence, now);
            case STARTED -> started(playback, presence, now);
            case COMPLETED -> completed(playback);
            case INTERRUPTED -> partial(playback);
            case MISSED -> say(Kind.NOT_PLAYED, "missed", Known.NOTHING, reason(playback));
            case FAILED ->
                playback.heard().isZero()
                        ? say(Kind.NOT_PLAYED, "missed", Known.NOTHING, reason(playback))
                        : partial(playback);
            case CANCELLED -> cancelled(playback);
            case UNKNOWN -> unknown(playback, presence);
        };
    }

    private static Wording open(PlaybackView playback, Presence presence, Instant now) {
        var patient = presence.online() ? playback.startsAt().plus(PATIENCE) : playback.startsAt();
        if (!now.isBefore(patient)) {
            return unknown(playback, presence);
        }
        return switch (presence.state()) {
            case ONLINE ->
                switch (playback.state()) {
                    case PREPARED -> say(Kind.READY, "ready", Known.NOTHING);
                    case RECEIVED -> say(Kind.WAITING, "received", Known.NOTHING);
                    case SENT -> say(Kind.WAITING, "sent", Known.NOTHING);
                    default -> say(Kind.WAITING, "planned", Known.NOTHING);
                };
            case OFFLINE -> say(Kind.LOST, "lost." + reached(playback), Known.NOTHING, lostSince(presence));
            case NEVER_SEEN -> say(Kind.LOST, "never." + reached(playback), Known.NOTHING);
        };
    }

    private static Wording started(PlaybackView playback, Presence presence, Instant now) {
        if (!now.isBefore(playback.endsAt())) {
            return unknown(playback, presence);
        }
        return presence.online()
                ? say(Kind.PLAYING, "playing", Known.CLAIMED)
                : presence.state() == Presence.State.OFFLINE
                        ? say(Kind.UNKNOWN, "unknown.lost.started", Known.NOTHING, lostSince(presence))
                        : say(Kind.UNKNOWN, "unknown.never.started", Known.NOTHING);
    }

    private static Wording completed(PlaybackView playback) {
        if (playback.heard().plus(WHOLE).compareTo(playback.total()) < 0) {
            return partial(playback);
        }
        var known = known(playback);
        return say(known == Known.PROVED ? Kind.PLAYED : Kind.CLAIMED, "played", known);
    }

    private static Wording partial(PlaybackView playback) {
        var known = known(playback);
        return playback.reason() == null
                ? say(Kind.PARTIAL, "partial", known, playback.heard(), playback.total())
                : say(Kind.PARTIAL, "partial.why", known, playback.heard(), playback.total(), reason(playback));
    }

    private static Wording cancelled(PlaybackView playback) {
        if (!playback.heard().isZero() || playback.startedAt() != null) {
            return say(Kind.PARTIAL, "cancelled.heard", known(playback), playback.heard(), playback.total());
        }
        return say(Kind.TAKEN_BACK, playback.reason() == Reason.WITHDRAWN ? "withdrawn" : "cancelled", Known.NOTHING);
    }

    private static Wording unknown(PlaybackView playback, Presence presence) {
        return switch (presence.state()) {
            case OFFLINE -> {
                var since = lostSince(presence);
                // Who fell silent only after the end could have told; its later absence explains nothing.
                yield since.isBefore(playback.endsAt())
                        ? say(Kind.UNKNOWN, "unknown.lost." + reached(playback), Known.NOTHING, since)
                        : say(Kind.UNKNOWN, "unknown.silent." + reached(playback), Known.NOTHING);
            }
            case NEVER_SEEN -> say(Kind.UNKNOWN, "unknown.never." + reached(playback), Known.NOTHING);
            case ONLINE -> say(Kind.UNKNOWN, "unknown.silent." + reached(playback), Known.NOTHING);
        };
    }

    /** How far the order is known to have come: {@code none}, {@code plan}, {@code sound}, {@code started}. */
    private static String reached(PlaybackView playback) {
        if (playback.startedAt() != null) {
            return "started";
        } else if (playback.preparedAt() != null) {
            return "sound";
        }
        return playback.receivedAt() != null ? "plan" : "none";
    }

    private static Known known(PlaybackView playback) {
        var proof = playback.proof();
        return proof != null && proof.proves() ? Known.PROVED : Known.CLAIMED;
    }

    private static Instant lostSince(Presence presence) {
        var since = presence.since();
        return since != null ? since : lastHeard(presence.lastHeard());
    }

    private static Instant lastHeard(@Nullable Instant moment) {
        return moment == null ? Instant.EPOCH : moment;
    }

    private static Reason reason(PlaybackView playback) {
        var reason = playback.reason();
        return reason == null ? Reason.OTHER : reason;
    }

    private static Wording say(Kind kind, String key, Known known, Object... arguments) {
        return new Wording(kind, PREFIX + key, List.of(arguments), known);
    }

    /** Every sentence this class can say; a test holds them against the messages. */
    static List<String> keys() {
        var reached = List.of("none", "plan", "sound", "started");
        var keys = new java.util.ArrayList<>(List.of(
                "planned",
                "sent",
                "received",
                "ready",
                "playing",
                "played",
                "partial",
                "partial.why",
                "missed",
                "cancelled",
                "cancelled.heard",
                "withdrawn"));
        for (var how : List.of("lost.", "never.", "unknown.lost.", "unknown.never.", "unknown.silent.")) {
            reached.forEach(it -> keys.add(how + it));
        }
        return Stream.concat(
                        keys.stream().map(PREFIX::concat), ABOUT_ORDERS.stream().map(key -> key + Wording.OF_ORDER))
                .toList();
    }
}

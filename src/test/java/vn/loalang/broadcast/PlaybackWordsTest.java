package vn.loalang.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.text.MessageFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import vn.loalang.broadcast.Wording.Kind;
import vn.loalang.broadcast.Wording.Known;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Presence;

/** The words for every state, reason and presence, as an operator reads them. */
class PlaybackWordsTest {
    static final Instant START = Instant.parse("2026-11-22T10:00:00Z");
    static final Instant END = START.plusSeconds(130);
    static final Instant BEFORE = START.minusSeconds(600);
    static final Instant DURING = START.plusSeconds(60);
    static final Instant AFTER = END.plusSeconds(600);
    static final Presence HERE = new Presence(Presence.State.ONLINE, BEFORE, DURING);
    static final Presence GONE = new Presence(
            Presence.State.OFFLINE, Instant.parse("2026-11-22T09:41:00Z"), Instant.parse("2026-11-22T09:41:00Z"));
    static final Presence GONE_LATER = new Presence(Presence.State.OFFLINE, END.plusSeconds(60), END.plusSeconds(60));

    static Stream<Arguments> sentences() {
        return Stream.of(
                line(playback(PlaybackState.PLANNED), HERE, BEFORE, Kind.WAITING, "Đang chờ gửi lịch"),
                line(playback(PlaybackState.SENT), HERE, BEFORE, Kind.WAITING, "Đã gửi lịch, chờ cụm loa xác nhận"),
                line(playback(PlaybackState.RECEIVED), HERE, BEFORE, Kind.WAITING, "Đã nhận lịch, đang tải âm thanh"),
                line(playback(PlaybackState.PREPARED), HERE, BEFORE, Kind.READY, "Sẵn sàng"),
                line(playback(PlaybackState.PREPARED), HERE, START.plusSeconds(14), Kind.READY, "Sẵn sàng"),
                line(playback(PlaybackState.SENT), GONE, BEFORE, Kind.LOST, "Mất kết nối từ 16:41, chưa nhận lịch"),
                line(playback(PlaybackState.RECEIVED), GONE, BEFORE, Kind.LOST, "Mất kết nối từ 16:41, đã nhận lịch"),
                line(
                        playback(PlaybackState.PREPARED),
                        GONE,
                        BEFORE,
                        Kind.LOST,
                        "Mất kết nối từ 16:41, đã có lịch và âm thanh"),
                line(
                        playback(PlaybackState.PLANNED),
                        Presence.NEVER,
                        BEFORE,
                        Kind.LOST,
                        "Chưa từng kết nối, chưa nhận lịch"),
                line(
                        playback(PlaybackState.SENT),
                        GONE,
                        DURING,
                        Kind.UNKNOWN,
                        "Chưa rõ – mất kết nối từ 16:41, chưa nhận lịch"),
                line(
                        playback(PlaybackState.UNKNOWN),
                        GONE,
                        AFTER,
                        Kind.UNKNOWN,
                        "Chưa rõ – mất kết nối từ 16:41, chưa nhận lịch"),
                line(
                        playback(PlaybackState.RECEIVED),
                        GONE,
                        DURING,
                        Kind.UNKNOWN,
                        "Chưa rõ – mất kết nối từ 16:41, đã nhận lịch"),
                line(
                        playback(PlaybackState.PREPARED),
                        HERE,
                        DURING,
                        Kind.UNKNOWN,
                        "Chưa rõ – đã có lịch và âm thanh, chưa báo kết quả"),
                line(
                        playback(PlaybackState.PLANNED),
                        Presence.NEVER,
                        AFTER,
                        Kind.UNKNOWN,
                        "Chưa rõ – chưa từng kết nối, chưa nhận lịch"),
                line(
                        playback(PlaybackState.UNKNOWN),
                        HERE,
                        AFTER,
                        Kind.UNKNOWN,
                        "Chưa rõ – chưa báo gì, chưa nhận lịch"),
                line(
                        playback(PlaybackState.UNKNOWN),
                        GONE_LATER,
                        AFTER,
                        Kind.UNKNOWN,
                        "Chưa rõ – chưa báo gì, chưa nhận lịch"),
                line(playback(PlaybackState.STARTED), HERE, DURING, Kind.PLAYING, "Đang phát"),
                line(
                        playback(PlaybackState.STARTED),
                        GONE,
                        DURING,
                        Kind.UNKNOWN,
                        "Chưa rõ – mất kết nối từ 16:41, trước đó đã bắt đầu phát"),
                line(
                        playback(PlaybackState.STARTED),
                        HERE,
                        AFTER,
                        Kind.UNKNOWN,
                        "Chưa rõ – đã bắt đầu phát, chưa báo kết thúc"),
                line(heard(PlaybackState.COMPLETED, 129_400, Proof.AMP, null), GONE, AFTER, Kind.PLAYED, "Đã phát đủ"),
                line(heard(PlaybackState.COMPLETED, 130_000, Proof.DAC, null), HERE, AFTER, Kind.CLAIMED, "Đã phát đủ"),
                line(
                        heard(PlaybackState.COMPLETED, 111_000, Proof.AMP, null),
                        HERE,
                        AFTER,
                        Kind.PARTIAL,
                        "Phát một phần – nghe được 01:51/02:10"),
                line(
                        heard(PlaybackState.INTERRUPTED, 42_000, Proof.AMP, Reason.POWER_LOSS),
                        GONE,
                        DURING,
                        Kind.PARTIAL,
                        "Phát một phần – nghe được 00:42/02:10, mất điện"),
                line(
                        heard(PlaybackState.INTERRUPTED, 42_000, Proof.AMP, Reason.PREEMPTED),
                        HERE,
                        AFTER,
                        Kind.PARTIAL,
                        "Phát một phần – nghe được 00:42/02:10, nhường chương trình ưu tiên hơn"),
                line(
                        heard(PlaybackState.MISSED, 0, null, Reason.POWER_OFF),
                        HERE,
                        AFTER,
                        Kind.NOT_PLAYED,
                        "Không phát – mất điện"),
                line(
                        heard(PlaybackState.FAILED, 0, null, Reason.AMP),
                        HERE,
                        AFTER,
                        Kind.NOT_PLAYED,
                        "Không phát – lỗi âm ly"),
                line(
                        heard(PlaybackState.FAILED, 42_000, Proof.DAC, Reason.AMP),
                        HERE,
                        AFTER,
                        Kind.PARTIAL,
                        "Phát một phần – nghe được 00:42/02:10, lỗi âm ly"),
                line(heard(PlaybackState.CANCELLED, 0, null, Reason.CANCELLED), HERE, AFTER, Kind.TAKEN_BACK, "Đã huỷ"),
                line(
                        heard(PlaybackState.CANCELLED, 0, null, Reason.WITHDRAWN),
                        HERE,
                        AFTER,
                        Kind.TAKEN_BACK,
                        "Không còn là nơi phát"),
                line(
                        heard(PlaybackState.CANCELLED, 130_000, Proof.AMP, Reason.CANCELLED),
                        HERE,
                        AFTER,
                        Kind.PARTIAL,
                        "Đã huỷ nhưng vẫn phát 02:10/02:10 – chưa nhận lệnh huỷ"));
    }

    @ParameterizedTest
    @MethodSource("sentences")
    void everyOutcomeHasItsWords(PlaybackView playback, Presence presence, Instant now, Kind kind, String sentence) {
        var wording = PlaybackWords.of(playback, presence, now);
        assertThat(inVietnamese(wording)).isEqualTo(sentence);
        assertThat(wording.kind()).isEqualTo(kind);
    }

    @Test
    void alertsAndSpeechesNeverSpeakOfTheTimetable() {
        for (var origin : List.of(Origin.EMERGENCY, Origin.LIVE)) {
            for (var state : PlaybackState.values()) {
                for (var presence : List.of(HERE, GONE, GONE_LATER, Presence.NEVER)) {
                    for (var now : List.of(BEFORE, START, DURING, AFTER)) {
                        for (var reached : List.of("none", "plan", "sound", "started")) {
                            var wording = PlaybackWords.of(
                                    view(state, Reason.OTHER, 0, Proof.AMP, reached, origin), presence, now);
                            assertThat(PlaybackWords.keys()).contains(wording.key());
                            assertThat(inVietnamese(wording)).doesNotContain("lịch");
                        }
                    }
                }
            }
        }
        assertThat(inVietnamese(PlaybackWords.of(
                        view(PlaybackState.SENT, null, 0, null, "none", Origin.EMERGENCY), Presence.NEVER, DURING)))
                .isEqualTo("Chưa rõ – chưa từng kết nối, chưa nhận lệnh phát");
    }

    @Test
    void noCombinationIsWithoutWordsInEitherLanguage() throws IOException {
        var vi = properties("vi");
        var en = properties("en");
        var said = new TreeSet<String>();
        for (var state : PlaybackState.values()) {
            for (var presence : List.of(HERE, GONE, GONE_LATER, Presence.NEVER)) {
                for (var now : List.of(BEFORE, START, DURING, AFTER)) {
                    for (var heard : new long[] {0, 42_000, 130_000}) {
                        for (var reached : List.of("none", "plan", "sound", "started")) {
                            var wording = PlaybackWords.of(
                                    view(state, Reason.OTHER, heard, Proof.AMP, reached), presence, now);
                            assertThat(vi).containsKey(wording.key());
                            assertThat(en).containsKey(wording.key());
                            assertThat(vi).containsKey(wording.known().key().replace("NOTHING", "CLAIMED"));
                            assertThat(vi)
                                    .containsKey(
                                            "broadcast.count." + wording.kind().name());
                            said.add(wording.key());
                        }
                    }
                }
            }
        }
        for (var reason : Reason.values()) {
            assertThat(vi).containsKey("broadcast.reason." + reason.wire());
            assertThat(en).containsKey("broadcast.reason." + reason.wire());
        }
        assertThat(PlaybackWords.keys()).containsAll(said);
        assertThat(Set.of(vi.keySet().toArray())).containsAll(PlaybackWords.keys());
    }

    @Test
    void onlyMeasuredSoundIsCalledProved() {
        var proved = EnumSet.of(Proof.AMP, Proof.LINE, Proof.MIC);
        for (var proof : Proof.values()) {
            var wording = PlaybackWords.of(heard(PlaybackState.COMPLETED, 130_000, proof, null), HERE, AFTER);
            assertThat(wording.known())
                    .as("%s", proof)
                    .isEqualTo(proved.contains(proof) ? Known.PROVED : Known.CLAIMED);
        }
        assertThat(PlaybackWords.of(playback(PlaybackState.STARTED), HERE, DURING)
                        .known())
                .isEqualTo(Known.CLAIMED);
    }

    @Test
    void playingIsSaidOnlyWhileAConnectedControllerSaysSo() {
        for (var state : PlaybackState.values()) {
            for (var presence : List.of(HERE, GONE, Presence.NEVER)) {
                for (var now : List.of(BEFORE, DURING, AFTER)) {
                    var playing =
                            PlaybackWords.of(playback(state), presence, now).kind() == Kind.PLAYING;
                    assertThat(playing)
                            .as("%s %s %s", state, presence.state(), now)
                            .isEqualTo(state == PlaybackState.STARTED && presence.online() && now.isBefore(END));
                }
            }
        }
    }

    private static Arguments line(PlaybackView playback, Presence presence, Instant now, Kind kind, String sentence) {
        return Arguments.of(playback, presence, now, kind, sentence);
    }

    private static PlaybackView playback(PlaybackState state) {
        var reached =
                switch (state) {
                    case RECEIVED -> "plan";
                    case PREPARED -> "sound";
                    case STARTED -> "started";
                    default -> "none";
                };
        return view(state, null, 0, null, reached);
    }

    private static PlaybackView heard(
            PlaybackState state, long heardMs, @Nullable Proof proof, @Nullable Reason reason) {
        return view(state, reason, heardMs, proof, heardMs == 0 ? "none" : "started");
    }

    private static PlaybackView view(
            PlaybackState state, @Nullable Reason reason, long heardMs, @Nullable Proof proof, String reached) {
        return view(state, reason, heardMs, proof, reached, Origin.SLOT);
    }

    private static PlaybackView view(
            PlaybackState state,
            @Nullable Reason reason,
            long heardMs,
            @Nullable Proof proof,
            String reached,
            Origin origin) {
        return new PlaybackView(
                new BroadcastId(1),
                new ControllerId(1),
                START,
                END,
                state,
                reason,
                null,
                reached.equals("none") ? null : BEFORE,
                Set.of("sound", "started").contains(reached) ? BEFORE : null,
                reached.equals("started") ? START : null,
                null,
                null,
                Duration.ofMillis(heardMs),
                proof,
                null,
                null,
                origin);
    }

    private static String inVietnamese(Wording wording) {
        try {
            var words = properties("vi");
            var arguments = wording.arguments().stream()
                    .map(it -> {
                        if (it instanceof Instant moment) {
                            return DateTimeFormatter.ofPattern("HH:mm")
                                    .format(moment.atZone(ZoneId.of("Asia/Ho_Chi_Minh")));
                        } else if (it instanceof Duration length) {
                            return String.format(
                                    Locale.ROOT, "%02d:%02d", length.toSeconds() / 60, length.toSeconds() % 60);
                        }
                        return words.getProperty("broadcast.reason." + ((Reason) it).wire());
                    })
                    .toArray();
            return new MessageFormat(words.getProperty(wording.key())).format(arguments);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Properties properties(String language) throws IOException {
        var properties = new Properties();
        try (var in = new InputStreamReader(
                Objects.requireNonNull(
                        PlaybackWordsTest.class.getResourceAsStream("/messages_" + language + ".properties")),
                StandardCharsets.UTF_8)) {
            properties.load(in);
        }
        return properties;
    }
}

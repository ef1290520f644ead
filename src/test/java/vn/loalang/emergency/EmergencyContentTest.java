package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import vn.loalang.access.AreaScope;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.GeoPoint;
import vn.loalang.area.NewArea;
import vn.loalang.area.Outlines;
import vn.loalang.area.Refusal;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.Recordings;
import vn.loalang.delivery.Pins;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Step;
import vn.loalang.system.Await;

/** Sirens, messages, pins, audiences and outlines with a real database and a real audio store. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "loalang.emergency.examples=true",
            "loalang.emergency.drill-words=true",
            "loalang.emergency.wide-controllers=4"
        })
class EmergencyContentTest {
    private static final AreaScope EVERYWHERE = new AreaScope(List.of(AreaPath.ROOT));

    @Autowired
    Sirens sirens;

    @Autowired
    Messages messages;

    @Autowired
    ExampleSet examples;

    @Autowired
    DrillWords drillWords;

    @Autowired
    SirenRenderer renderer;

    @Autowired
    Pins pins;

    @Autowired
    Recordings recordings;

    @Autowired
    Audiences audiences;

    @Autowired
    Areas areas;

    @Autowired
    Outlines outlines;

    @Autowired
    Fleet fleet;

    @Autowired
    Stations stations;

    @BeforeEach
    void theExampleSetIsThere() {
        Await.until(
                "the sirens are rendered",
                Duration.ofSeconds(300),
                () -> messages.all().size() >= 7 && pins.all().size() >= 20);
    }

    @Test
    void aNewDatabaseHasCompleteMessagesWhoseEverySoundIsPinned() {
        var all = messages.all();
        assertThat(all).extracting(ReadyMessage::kind).contains(Kind.ALERT, Kind.CORRECTION, Kind.ALL_CLEAR);
        for (var message : all.subList(0, 7)) {
            assertThat(message.missing()).as(message.name()).isEmpty();
            assertThat(message.barredTo(Authority.COMMUNE))
                    .as("a commune may air " + message.name())
                    .isEmpty();
            assertThat(message.spoken()).extracting(Spoken::language).containsExactly("vi", "en");
            assertThat(messages.steps(message))
                    .as(message.name())
                    .isNotEmpty()
                    .allMatch(step -> step instanceof Step.Pin pin && pins.all().containsKey(pin.name()));
            assertThat(messages.recordings(message)).hasSize(2);
            assertThat(messages.length(message)).isGreaterThan(Duration.ofSeconds(15));
        }
        assertThat(pins.all()).hasSizeLessThanOrEqualTo(32);
        var storm = named("Còi bão (mẫu Huế)");
        assertThat(List.of(storm.blasts(), storm.repeats())).containsExactly(3, 3);
        assertThat(storm.on()).isEqualTo(Duration.ofSeconds(20));
        assertThat(storm.gap()).isEqualTo(Duration.ofSeconds(10));
        assertThat(examples.seed()).as("only once").isFalse();
    }

    @Test
    void theWordsOfADrillAreSpokenByTheBoxesThemselvesAndStayOutOfTheLibrary() {
        var pin = Objects.requireNonNull(pins.all().get("exercise"));
        var words = recordings.search(new StationId(stations.main().id()), "Đây là diễn tập", true, 10, 0).stream()
                .filter(it -> it.title().equals("Đây là diễn tập"))
                .findFirst()
                .orElseThrow();
        assertThat(pin.h()).isEqualTo(Hash.parseHex(words.canonicalHash().hex()));
        assertThat(words.duration()).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
        assertThat(words.archivedAt()).isNotNull();
        assertThat(drillWords.settle()).as("only once").isFalse();
    }

    @Test
    void aRenderedSirenLastsAsLongAsItsNumbersSayIsLoudAndStaysOutOfTheLibrary() {
        for (var siren : sirens.all().subList(0, 5)) {
            var sound =
                    recordings.find(sirens.recording(siren.id()).orElseThrow()).orElseThrow();
            assertThat(sound.duration())
                    .as(siren.name())
                    .isBetween(siren.length(), siren.length().plusMillis(150));
            assertThat(sound.loudness()).isNotNull().isBetween(-13.5, -11.0);
            assertThat(sound.archivedAt()).isNotNull();
        }
    }

    @Test
    void aChangedSirenIsMadeByTheControllersUntilItsNewSoundIsPinned() {
        var made = sirens.save(siren("Còi thử", 2, 3));
        var message = messages.save(message("Tin thử còi", made.id(), 2, List.of()));
        assertThat(messages.steps(message).get(0))
                .isIn(new Step.Pin(PinnedSounds.name(made.id())), new Step.Tone(Step.Pattern.YELP, 2, 1, 1));
        Await.until("the sirens are rendered", Duration.ofSeconds(300), () -> sirens.recording(made.id())
                .isPresent());
        assertThat(messages.steps(message)).containsExactly(new Step.Pin(PinnedSounds.name(made.id())));
        var first = pins.all().get(PinnedSounds.name(made.id()));
        sirens.save(new Siren(made.id(), made.name(), 3, made.on(), made.gap(), made.repeats(), made.tone()));
        Await.until(
                "the sirens are rendered",
                Duration.ofSeconds(300),
                () -> sirens.recording(made.id()).isPresent() && pins.all().containsKey(PinnedSounds.name(made.id())));
        assertThat(pins.all().get(PinnedSounds.name(made.id()))).isNotEqualTo(first);
        assertThat(messages.length(message)).isEqualTo(Duration.ofSeconds(5));

        refused("emergency.refused.sirenUsed", () -> sirens.remove(made.id()));
        refused("emergency.refused.sirenRepeats", () -> messages.save(message("Quá", made.id(), 4, List.of())));
        refused(
                "emergency.refused.repeatsUsed",
                () -> sirens.save(new Siren(made.id(), made.name(), 3, made.on(), made.gap(), 1, made.tone())));
        messages.archive(message.id());
        sirens.remove(made.id());
        assertThat(pins.all()).doesNotContainKey(PinnedSounds.name(made.id()));
        refused("emergency.refused.sirenGone", () -> messages.restore(message.id()));
        assertThat(messages.find(message.id()).orElseThrow().archivedAt())
                .as("nothing was changed")
                .isNotNull();
    }

    @Test
    void wordsWithoutASoundAreNotSaidAndAMessageOfNothingIsASteadyTone() {
        var silent = messages.save(message("Không tiếng", null, 1, List.of(new Spoken("vi", "Chào", null))));
        assertThat(messages.steps(silent)).containsExactly(Step.Tone.STEADY);
        assertThat(messages.length(silent)).isEqualTo(Duration.ofSeconds(10));
        assertThat(silent.missing()).hasSize(9);
        messages.archive(silent.id());
        assertThat(messages.archived()).extracting(ReadyMessage::id).contains(silent.id());
    }

    @Test
    void twoPeopleCannotOverwriteEachOther() {
        var stored = messages.save(message("Hai người", null, 1, List.of()));
        messages.save(stored);
        refused("emergency.refused.changedMeanwhile", () -> messages.save(stored));
        messages.archive(stored.id());
    }

    @Test
    void moreSoundsThanBoxesKeepAreRefusedAndNothingIsChanged() throws IOException {
        var station = new StationId(stations.main().id());
        var sound = recordings.add(station, Path.of("audio-samples/chime.mp3"), "Chuông", "vi");
        var before = pins.all();
        var made = new ArrayList<ReadyMessage>();
        var languages = List.of("vi", "en", "hmn", "bru", "km", "lo");
        assertThatThrownBy(() -> {
                    while (made.size() < 10) {
                        made.add(messages.save(message(
                                "Đầy " + made.size(),
                                null,
                                1,
                                languages.stream()
                                        .map(it -> new Spoken(it, "Chào", sound.id()))
                                        .toList())));
                    }
                })
                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.messageKey())
                        .isEqualTo("emergency.refused.pins"));
        assertThat(made).isNotEmpty().hasSizeLessThan(4);
        assertThat(pins.all()).hasSizeLessThanOrEqualTo(32);
        made.forEach(message -> messages.archive(message.id()));
        assertThat(pins.all()).isEqualTo(before);
    }

    @Test
    void numbersOutsideTheirRangeAreRefusedWithTheField() {
        refused("emergency.refused.blasts", () -> siren("Còi", 0, 1));
        refused("emergency.refused.blasts", () -> siren("Còi", 21, 1));
        refused("emergency.refused.repeats", () -> siren("Còi", 1, 21));
        refused("emergency.refused.name", () -> siren("  ", 1, 1));
        refused(
                "emergency.refused.sirenLength",
                () -> new Siren(Sirens.NEW, "Dài", 20, Duration.ofSeconds(20), Duration.ZERO, 1, Step.Pattern.WAIL));
        refused("emergency.refused.repetitions", () -> message("Tin", null, 0, List.of()));
        refused(
                "emergency.refused.languageTwice",
                () -> message("Tin", null, 1, List.of(new Spoken("vi", "a", null), new Spoken("vi", "b", null))));
        refused("emergency.refused.language", () -> new Spoken("tiếng Việt", "a", null));
        refused("emergency.refused.spoken", () -> new Spoken("vi", " ", null));
        refused("emergency.refused.text", () -> Bulletin.of(java.util.Map.of(Bulletin.Field.PLACE, "a".repeat(501))));
    }

    @Test
    void aPoleChosenByAreaTagCircleAndByItselfIsCountedOnce() {
        var place = new Place("once");
        var all = place.everybody();
        var one = place.poles.get(0);
        var targets = List.<Target>of(
                new Target.InArea(place.village),
                new Target.InArea(place.commune),
                new Target.Tagged(place.tag),
                new Target.OnPole(one),
                new Target.Circle(new GeoPoint(12.5, 108.5), 5_000),
                new Target.Polygon(List.of(new GeoPoint(12, 108), new GeoPoint(12, 109), new GeoPoint(13, 108.5))));
        var audience = audiences.of(targets, new AreaScope(List.of(place.path)));
        assertThat(audience.controllers()).isEqualTo(all);
        assertThat(audience.villages().stream()
                        .mapToInt(Audience.Village::controllers)
                        .sum())
                .isEqualTo(all.size());
        assertThat(audience.scopes()).containsExactly(Scope.of(new vn.loalang.protocol.AreaPath(place.path.value())));
        assertThat(audience.wide()).as("more than four").isTrue();
        assertThat(audiences
                        .of(List.of(new Target.OnPole(one), new Target.OnPole(one)), EVERYWHERE)
                        .controllers())
                .containsExactly(one);
    }

    @Test
    void onlyPolesWhereThePersonMaySpeakAreMeant() {
        var place = new Place("may");
        var village = areas.find(place.village.value()).orElseThrow().path();
        var audience = audiences.of(List.of(new Target.InArea(place.commune)), new AreaScope(List.of(village)));
        assertThat(audience.controllers()).hasSize(3);
        assertThat(audience.scopes()).containsExactly(Scope.of(new vn.loalang.protocol.AreaPath(village.value())));
        assertThat(audience.wide()).isFalse();
        assertThat(audiences.of(List.of(new Target.InArea(place.commune)), new AreaScope(List.of())))
                .isEqualTo(Audience.NOBODY);
        assertThat(audiences.of(List.of(), EVERYWHERE)).isEqualTo(Audience.NOBODY);
        assertThat(audiences.of(List.of(new Target.InArea(new AreaId(987_654))), EVERYWHERE))
                .isEqualTo(Audience.NOBODY);
        fleet.archive(place.poles.get(0));
        assertThat(audiences
                        .of(List.of(new Target.InArea(place.commune)), EVERYWHERE)
                        .controllers())
                .as("out of use")
                .isEqualTo(Set.copyOf(place.poles.subList(1, place.poles.size())));
    }

    @Test
    void aPoleWithoutABoxChosenByItselfDoesNotCountAsOneThatHears() {
        var place = new Place("bare");
        var bare = fleet.addController(new NewController(
                new StationId(stations.main().id()), place.village, "Cột trống", null, null, 100, Set.of()));
        var alone = audiences.of(List.of(new Target.OnPole(bare)), EVERYWHERE);
        assertThat(alone.isEmpty()).isTrue();
        assertThat(alone.boxless()).isEqualTo(1);
        assertThatThrownBy(alone::heard).isInstanceOf(Refusal.class).hasMessageContaining("withoutBox");
        var one = place.poles.get(5);
        var both = audiences.of(List.of(new Target.OnPole(bare), new Target.OnPole(one)), EVERYWHERE);
        assertThat(both.heard().controllers()).containsExactly(one);
        assertThat(both.boxless()).isEqualTo(1);
        var village = audiences.of(List.of(new Target.InArea(place.village)), EVERYWHERE);
        assertThat(village.controllers())
                .as("a box may be hung up there meanwhile")
                .contains(bare);
        assertThat(village.boxless()).isZero();
    }

    @Test
    void aPoleWithoutAMeasuredPlaceIsInNoShape() {
        var place = new Place("shape");
        var wide = new Target.Circle(new GeoPoint(12.5, 108.5), 200_000);
        assertThat(audiences
                        .of(List.of(wide), new AreaScope(List.of(place.path)))
                        .controllers())
                .hasSize(5)
                .doesNotContain(place.poles.get(5));
        assertThat(audiences
                        .of(
                                List.of(new Target.Circle(new GeoPoint(12.5, 108.5), 1)),
                                new AreaScope(List.of(place.path)))
                        .controllers())
                .containsExactly(place.poles.get(0));
    }

    @Test
    void outlinesOfVillagesAreTakenByTheirCodesAndThinnedOut() {
        var place = new Place("outline");
        var ring = new StringBuilder();
        for (int i = 0; i <= 5_000; i++) {
            var angle = 2 * Math.PI * (i % 5_000) / 5_000;
            ring.append(i == 0 ? "" : ",")
                    .append(String.format(Locale.ROOT, "[%.6f,%.6f]", 108 + Math.cos(angle), 12 + Math.sin(angle)));
        }
        var result = outlines.apply(file(feature("ma", place.code, "Polygon", "[[" + ring + "]]")
                + ","
                + feature("code", "nobody-1", "MultiPolygon", "[[[[108,12],[109,12],[109,13]]]]")));
        assertThat(result).isEqualTo(new Outlines.Result(1, List.of("nobody-1"), 1));
        var stored = outlines.all().stream()
                .filter(it -> it.area().equals(place.village))
                .findFirst()
                .orElseThrow();
        assertThat(stored.rings()).hasSize(1);
        assertThat(stored.rings().get(0)).hasSize(300).contains(new GeoPoint(12, 109));
        var again =
                outlines.apply(file(feature("id", place.code, "Polygon", "[[[108,12],[109,12],[109,13],[108,12]]]")));
        assertThat(again.drawn()).isEqualTo(1);
        assertThat(outlines.all().stream().filter(it -> it.area().equals(place.village)))
                .singleElement()
                .satisfies(it -> assertThat(it.rings().get(0)).hasSize(3));
    }

    @Test
    void aFileThatIsNotWhatItShouldBeIsRefusedAsAWhole() {
        var place = new Place("refused");
        var good = feature("code", place.code, "Polygon", "[[[108,12],[109,12],[109,13]]]");
        var before = outlines.all().size();
        outlineRefused("outlineKind", new byte[0]);
        outlineRefused("outlineJson", "{".getBytes(StandardCharsets.UTF_8));
        outlineRefused("outlineJson", "[".repeat(1_000_000).getBytes(StandardCharsets.UTF_8));
        outlineRefused("outlineJson", ("{\"a\":".repeat(10_000) + "1").getBytes(StandardCharsets.UTF_8));
        outlineRefused("outlineJson", new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        outlineRefused("outlineJson", ("{\"type\":\"" + "a".repeat(30_000) + "\"}").getBytes(StandardCharsets.UTF_8));
        outlineRefused("outlineJson", "{\"type\":1,\"type\":2}".getBytes(StandardCharsets.UTF_8));
        outlineRefused("outlineKind", "{}".getBytes(StandardCharsets.UTF_8));
        outlineRefused("outlineKind", "[]".getBytes(StandardCharsets.UTF_8));
        outlineRefused("outlineKind", "null".getBytes(StandardCharsets.UTF_8));
        outlineRefused("outlineSize", new byte[Outlines.LARGEST + 1]);
        outlineRefused("outlineFeatures", file("{},".repeat(5_001) + "{}"));
        outlineRefused("outlineCode", file(good + ",{}"));
        outlineRefused("outlineCode", file(feature("code", "a".repeat(21), "Polygon", "[]")));
        outlineRefused("outlineTwice", file(good + "," + good));
        outlineRefused("outlineShape", file(feature("code", place.code, "Point", "[108,12]")));
        outlineRefused("outlineShape", file(feature("code", place.code, "Polygon", "[]")));
        outlineRefused("outlineShape", file(feature("code", place.code, "Polygon", "[[[108,12],[109,12],[108,12]]]")));
        outlineRefused("outlineShape", file(feature("code", place.code, "MultiPolygon", "[]")));
        outlineRefused("outlinePlace", file(feature("code", place.code, "Polygon", "[[[108,12],[109,12],[12,108]]]")));
        outlineRefused(
                "outlinePlace", file(feature("code", place.code, "Polygon", "[[[1e400,12],[109,12],[109,13]]]")));
        outlineRefused("outlinePlace", file(feature("code", place.code, "Polygon", "[[\"108,12\",1,2]]")));
        outlineRefused(
                "outlinePlace", file(good + "," + feature("code", "x", "Polygon", "[[[108],[109,12],[109,13]]]")));
        var random = new Random(3);
        var bytes = file(good);
        for (int round = 0; round < 2_000; round++) {
            var broken = bytes.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            try {
                outlines.apply(broken);
            } catch (Refusal refusal) {
                assertThat(refusal.messageKey()).startsWith("area.refused.outline");
            }
        }
        assertThat(outlines.all()).hasSizeBetween(before, before + 1);
    }

    private void outlineRefused(String key, byte[] file) {
        refused("area.refused." + key, () -> outlines.apply(file));
    }

    private static void refused(String key, Runnable deed) {
        assertThatThrownBy(deed::run).as(key).isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(
                        refusal.messageKey())
                .isEqualTo(key));
    }

    private static byte[] file(String features) {
        return ("{\"type\":\"FeatureCollection\",\"features\":[" + features + "]}").getBytes(StandardCharsets.UTF_8);
    }

    private static String feature(String name, String code, String type, String coordinates) {
        return "{\"type\":\"Feature\",\"properties\":{\"" + name + "\":\"" + code + "\"},\"geometry\":{\"type\":\""
                + type + "\",\"coordinates\":" + coordinates + "}}";
    }

    private Siren named(String name) {
        return sirens.all().stream()
                .filter(siren -> siren.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Siren siren(String name, int blasts, int repeats) {
        return new Siren(
                Sirens.NEW, name, blasts, Duration.ofSeconds(1), Duration.ofSeconds(1), repeats, Step.Pattern.YELP);
    }

    private static ReadyMessage message(String name, SirenId siren, int repetitions, List<Spoken> spoken) {
        return new ReadyMessage(
                ReadyMessage.NEW,
                Kind.ALERT,
                name,
                Bulletin.EMPTY,
                null,
                null,
                spoken,
                siren,
                repetitions,
                Duration.ZERO,
                80,
                Duration.ofMinutes(5),
                null,
                0);
    }

    /** A commune of two villages with three poles each; the last has no measured place; all have a tag. */
    private final class Place {
        final AreaId commune;
        final AreaId village;
        final AreaPath path;
        final String code;
        final String tag;
        final List<ControllerId> poles = new ArrayList<>();

        Place(String name) {
            tag = "nhãn " + name;
            code = name + "-1";
            var top = areas.add(new NewArea(
                    AreaPath.ROOT,
                    name,
                    "Xã " + name,
                    "Xã " + name,
                    "commune",
                    Authority.COMMUNE,
                    List.of("vi"),
                    null));
            path = top.path();
            commune = new AreaId(top.id());
            AreaId first = null;
            for (int v = 1; v <= 2; v++) {
                var area = areas.add(new NewArea(
                        path,
                        name + "-" + v,
                        "Thôn " + v,
                        "Thôn " + v,
                        "village",
                        Authority.VILLAGE,
                        List.of("vi"),
                        null));
                first = first == null ? new AreaId(area.id()) : first;
                for (int p = 0; p < 3; p++) {
                    var measured = poles.size() < 5;
                    var pole = fleet.addController(new NewController(
                            new StationId(stations.main().id()),
                            new AreaId(area.id()),
                            "Cột " + name + poles.size(),
                            measured ? Double.valueOf(12.5 + poles.size() * 0.01) : null,
                            measured ? Double.valueOf(108.5) : null,
                            100,
                            Set.of(tag)));
                    var unit = new DeviceId(unit(name, poles.size()));
                    fleet.registerUnit(new NewUnit(unit, "m", "h"));
                    fleet.assign(unit, pole);
                    poles.add(pole);
                }
            }
            village = java.util.Objects.requireNonNull(first);
        }

        Set<ControllerId> everybody() {
            return Set.copyOf(poles);
        }

        private String unit(String name, int number) {
            var letters = (name + "QQQQQQQQQQQQQQQ").toUpperCase(Locale.ROOT).replaceAll("[^A-Z]", "Q");
            return letters.substring(0, 15) + (char) ('A' + number);
        }
    }
}

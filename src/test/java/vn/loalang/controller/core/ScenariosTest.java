package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalEntry;

/** {@code firmware-protocol/vectors/scenarios.json} played by our own core in virtual time, as any other firmware would. */
class ScenariosTest {
    private static final Path VECTORS = Path.of("firmware-protocol", "vectors");
    /** §8: a new sound begins within a second. */
    private static final long TOLERANCE_MS = 1_000;

    @TestFactory
    Stream<DynamicTest> eachGivesItsTimeline() throws Exception {
        var all = JsonMapper.shared().readTree(Files.readAllBytes(VECTORS.resolve("scenarios.json")));
        var tests = new ArrayList<DynamicTest>();
        for (var scenario : all) {
            for (var leadMs : List.of(0, 500)) {
                var name = scenario.get("name").asString() + ", made ready " + leadMs + " ms ahead";
                tests.add(DynamicTest.dynamicTest(name, () -> play(scenario, leadMs)));
            }
        }
        return tests.stream();
    }

    private static void play(JsonNode scenario, long leadMs) throws Exception {
        var box = new Box(scenario, leadMs);
        var steps = new ArrayList<JsonNode>();
        scenario.get("steps").forEach(steps::add);
        steps.sort(Comparator.comparingLong(step -> step.get("at").asLong()));
        for (var step : steps) {
            box.runUntil(step.get("at").asLong());
            if (step.has("take")) {
                var file = Files.readAllBytes(VECTORS.resolve(step.get("take").asString()));
                box.perform(box.core.bench(box.moment(), Bytes.of(file)));
            } else {
                box.happens(step.get("do").asString());
            }
        }
        box.runUntil(scenario.get("end").asLong());
        var expected = new ArrayList<JsonNode>();
        scenario.get("sounds").forEach(expected::add);
        assertThat(box.heard).as("what sounded").hasSize(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            var wanted = expected.get(i);
            var heard = box.heard.get(i);
            assertThat(heard.name).isEqualTo(wanted.get("id").asString());
            assertThat(heard.from)
                    .as(heard.name)
                    .isBetween(wanted.get("from").asLong(), wanted.get("from").asLong() + TOLERANCE_MS);
            assertThat(heard.to)
                    .as(heard.name)
                    .isBetween(wanted.get("to").asLong() - 100, wanted.get("to").asLong() + TOLERANCE_MS);
            assertThat(heard.pos)
                    .as(heard.name)
                    .isBetween(wanted.get("pos").asLong(), wanted.get("pos").asLong() + TOLERANCE_MS);
        }
        var events = new ArrayList<String>();
        scenario.get("events").forEach(event -> events.add(event.asString()));
        assertThat(box.events()).containsExactlyElementsOf(events);
    }

    private static final class Heard {
        final String name;
        final long from;
        final long pos;
        long to;

        Heard(String name, long from, long pos) {
            this.name = name;
            this.from = from;
            this.pos = pos;
        }
    }

    /** A box with a clock that is right, everything cached that the scenario says, and no server. */
    private static final class Box {
        ControllerCore core;
        final List<Heard> heard = new ArrayList<>();
        private final Map<String, String> disk = new TreeMap<>();
        private final Map<Hash, Long> ready = new HashMap<>();
        private final Profile profile;
        private final long start;
        private long now;
        /** When the power came last; what the core counts begins there. */
        private long since;

        private boolean off;
        private boolean clockLost;
        private Output.Play playing;
        private long ends;
        private long told;

        Box(JsonNode scenario, long leadMs) throws Exception {
            start = scenario.get("start").asLong();
            scenario.get("ready")
                    .forEach(asset -> ready.put(
                            Hash.parse(asset.get("h").asString()),
                            asset.get("sz").asLong()));
            var keys = JsonMapper.shared().readTree(Files.readAllBytes(VECTORS.resolve("testkeys.json")));
            profile = Profile.of(
                            new DeviceId(keys.get("id").asString()),
                            ClaimFile.decode(Files.readAllBytes(VECTORS.resolve("claim.gbf"))))
                    .with(Hello.Proof.NONE, Hello.Why.POWER, true, new Profile.Pace(0, 5_000))
                    .leading(leadMs);
            core = powered();
        }

        private ControllerCore powered() {
            return new ControllerCore(profile, disk, ready, Map.of(), new Random(1));
        }

        Moment moment() {
            return new Moment(now - since, clockLost ? now - since : start + now);
        }

        void happens(String what) {
            switch (what) {
                case "stop" -> step(new Input.Stop());
                case "siren on" -> step(new Input.Siren(true));
                case "siren off" -> step(new Input.Siren(false));
                case "mic on" -> step(new Input.Microphone(true));
                case "mic off" -> step(new Input.Microphone(false));
                case "amp fault" -> step(new Input.Hardware(Fault.AMP_FAULT, true));
                case "amp ok" -> step(new Input.Hardware(Fault.AMP_FAULT, false));
                case "power off" -> {
                    if (playing != null) heard.get(heard.size() - 1).to = now;
                    playing = null;
                    off = true;
                }
                case "power on" -> {
                    off = false;
                    since = now;
                    core = powered();
                    step(new Input.Tick());
                }
                case "clock lost" -> clockLost = true;
                case "clock right" -> clockLost = false;
                default -> throw new IllegalStateException(what);
            }
        }

        private void step(Input input) {
            perform(core.step(moment(), input));
        }

        void runUntil(long end) {
            if (off) now = end;
            while (now < end) {
                var next = Math.min(end, since + core.nextWake());
                if (playing != null) next = Math.min(next, Math.min(ends, told + 1_000));
                now = Math.max(now + 1, next);
                if (playing != null && now >= ends) {
                    var over = playing;
                    var last = heard.get(heard.size() - 1);
                    last.to = ends;
                    playing = null;
                    step(new Input.Sink(new SinkEvent.Ended(over.play(), last.to - last.from)));
                } else if (playing != null && now >= told + 1_000) {
                    told = now;
                    step(new Input.Sink(
                            new SinkEvent.Progress(playing.play(), now - heard.get(heard.size() - 1).from)));
                }
                step(new Input.Tick());
            }
        }

        void perform(List<Output> outputs) {
            for (var output : outputs) {
                if (output instanceof Output.Persist persist) {
                    persist.changes().forEach((k, v) -> v.ifPresentOrElse(t -> disk.put(k, t), () -> disk.remove(k)));
                } else if (output instanceof Output.Play play) {
                    assertThat(playing).as("two sounds at once").isNull();
                    playing = play;
                    var due = since + play.dueMono();
                    told = due;
                    heard.add(new Heard(play.name(), due, play.offsetMs()));
                    var content =
                            play.content().stream().mapToLong(Sound::millis).sum();
                    ends = due + Math.min(play.limitMs(), content - play.offsetMs());
                } else if (output instanceof Output.Adjust adjust
                        && playing != null
                        && playing.play() == adjust.play()) {
                    ends = heard.get(heard.size() - 1).from + adjust.limitMs();
                } else if (output instanceof Output.Fade fade && playing != null && playing.play() == fade.play()) {
                    ends = Math.min(ends, now + 200);
                }
            }
        }

        List<String> events() {
            return disk.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith("j/"))
                    .map(entry -> JournalEntry.decode(
                                    entry.getValue().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                            .event())
                    .filter(event -> event.kind().equals("play"))
                    .map(Box::brief)
                    .toList();
        }

        private static String brief(Event event) {
            if (event instanceof Event.Interrupted cut)
                return cut.oid() + " interrupted " + cut.why().wire();
            if (event instanceof Event.Missed missed)
                return missed.oid() + " missed " + missed.why().wire();
            if (event instanceof Event.Failed failed)
                return failed.oid() + " failed " + failed.why().wire();
            if (event instanceof Event.Started started) return started.oid() + " started";
            if (event instanceof Event.Completed completed) return completed.oid() + " completed";
            return event.toString();
        }
    }
}

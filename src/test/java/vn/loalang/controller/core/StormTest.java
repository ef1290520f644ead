package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Plan;

/**
 * Days of bad luck in virtual time: power that fails between any two outputs, links that come and go, plans that change, clocks
 * that are wrong. A failing seed replays exactly.
 */
class StormTest {
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    private static final long START = Deployment.CLAIMED + 8 * HOUR;
    private static final int SEEDS = 8;
    private static final int DAYS = 4;
    /** A fade and the frame it begins in. */
    private static final long FADE_MS = 300;

    static IntStream seeds() {
        return IntStream.range(0, SEEDS);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void nothingSoundsTwiceOrOutsideItsTimeOrInQuietHoursAndTheEvidenceIsTrue(int seed) {
        var storm = new Storm(seed, false);
        storm.rage();
        storm.checkSoundItself();
        storm.checkPlannedTimes();
        storm.checkEvidence();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void wrongClocksNeverMakeAnythingSoundTwiceNorTheEvidenceUntrue(int seed) {
        var storm = new Storm(1_000 + seed, true);
        storm.rage();
        storm.checkSoundItself();
        storm.checkEvidence();
    }

    private static final class Storm {
        private final Random random;
        private final Pole pole;
        private final boolean wrongClocks;
        private final Asset shortAudio = Deployment.asset("short", 20);
        private final Asset longAudio = Deployment.asset("long", 900);
        private final Map<String, Plan.Item> everPlanned = new HashMap<>();
        private final List<Plan.Item> planned = new ArrayList<>();
        private int oids;
        private int cuts;

        Storm(int seed, boolean wrongClocks) {
            this.random = new Random(seed);
            this.pole = new Pole(START, seed).leading(seed % 2 == 0 ? 500 : 0);
            this.wrongClocks = wrongClocks;
        }

        void rage() {
            var server = pole.deployment;
            pole.asset(shortAudio.h(), shortAudio.sz()).asset(longAudio.h(), longAudio.sz());
            pole.publish("keys", server.keys());
            pole.publish("site", server.site(START, "21:30", "04:45"));
            pole.publish("cfg", server.cfg(START));
            plan();
            power(true);
            while (pole.now() < START + DAYS * DAY) {
                pole.runFor(1 + random.nextInt((int) (20 * MINUTE)));
                switch (random.nextInt(12)) {
                    case 0, 1 -> plan();
                    case 2 -> pole.link(false);
                    case 3, 4 -> pole.link(true);
                    case 5 -> pole.server(random.nextInt(4) > 0);
                    case 6, 7 -> {
                        if (pole.powered()) {
                            cuts++;
                            pole.powerOff();
                        }
                    }
                    case 8 -> {
                        if (pole.powered()) {
                            cuts++;
                            pole.cutAfter(random.nextInt(12));
                        }
                    }
                    default -> {}
                }
                if (!pole.powered() && random.nextInt(3) > 0) {
                    pole.runFor(random.nextInt((int) (3 * MINUTE)));
                    power(random.nextBoolean());
                }
            }
            pole.server(true);
            pole.link(true);
            if (pole.powered()) pole.powerOff();
            pole.rtcWrongBy(0).powerOn();
            pole.runFor(3 * HOUR);
            pole.publish("plan", server.plan(pole.now(), List.of()));
            pole.runFor(MINUTE);
        }

        private void power(boolean rightClock) {
            if (wrongClocks) {
                pole.rtcWrongBy(rightClock ? 0 : (random.nextInt(25) - 12) * HOUR + random.nextInt(600_000));
            }
            pole.powerOn();
        }

        /** Keeps what is still ahead, forgets some of it, adds some. */
        private void plan() {
            var now = pole.now();
            planned.removeIf(i -> i.latestEnd() < now - HOUR || random.nextInt(6) == 0);
            var added = 1 + random.nextInt(6);
            for (int i = 0; i < added && planned.size() < 40; i++) {
                var audio = random.nextBoolean() ? 0 : 1;
                var item = Deployment.item(
                        "i" + oids++,
                        now + random.nextInt((int) (12 * HOUR)),
                        5 + random.nextInt(1_200),
                        20 + random.nextInt(30),
                        random.nextInt(600),
                        audio);
                planned.add(item);
                everPlanned.put(item.oid().value(), item);
            }
            pole.publish(
                    "plan",
                    pole.deployment.plan(now, List.of(shortAudio, longAudio), planned.toArray(Plan.Item[]::new)));
        }

        /** One sound at a time (the pole itself insists), and no stretch of an item twice. */
        void checkSoundItself() {
            assertThat(pole.sounded).as("something sounded at all").hasSizeGreaterThan(20);
            Pole.Sounded before = null;
            var reached = new HashMap<String, Long>();
            for (var stretch : pole.sounded) {
                if (before != null)
                    assertThat(stretch.at).as("%s after %s", stretch, before).isGreaterThanOrEqualTo(before.end());
                assertThat(stretch.offset)
                        .as("nothing is heard twice: %s", stretch)
                        .isGreaterThanOrEqualTo(reached.getOrDefault(stretch.oid, 0L));
                reached.put(stretch.oid, stretch.offset + stretch.ms);
                before = stretch;
            }
        }

        void checkPlannedTimes() {
            for (var stretch : pole.sounded) {
                var item = everPlanned.get(stretch.oid);
                assertThat(stretch.at).as("%s not early", stretch).isGreaterThanOrEqualTo(item.at() - 1);
                assertThat(stretch.end())
                        .as("%s not after its end", stretch)
                        .isLessThanOrEqualTo(item.latestEnd() + FADE_MS);
                assertThat(minuteOfDay(stretch.at))
                        .as("%s does not begin in quiet hours", stretch)
                        .isBetween(285, 1289);
                assertThat(minuteOfDay(stretch.end() - FADE_MS))
                        .as("%s not into quiet hours", stretch)
                        .isBetween(284, 1289);
                if (stretch.offset > 0) {
                    assertThat(stretch.offset)
                            .as("timeline position of %s", stretch)
                            .isCloseTo(stretch.at - item.at(), org.assertj.core.data.Offset.offset(5L));
                }
            }
        }

        /** Every sound has its start and its end on record, with no more seconds than were heard. */
        void checkEvidence() {
            var starts = new HashMap<String, Integer>();
            var ends = new HashMap<String, Integer>();
            var told = new HashMap<String, Long>();
            var cut = new HashMap<String, Integer>();
            var missed = new HashSet<String>();
            for (var event : pole.events()) {
                if (event instanceof Event.Started s) {
                    starts.merge(s.oid().value(), 1, Integer::sum);
                } else if (event instanceof Event.Completed c) {
                    ends.merge(c.oid().value(), 1, Integer::sum);
                    told.merge(c.oid().value(), c.ms(), Math::max);
                } else if (event instanceof Event.Interrupted i) {
                    ends.merge(i.oid().value(), 1, Integer::sum);
                    told.merge(i.oid().value(), i.ms(), Math::max);
                    if (i.why() == Event.Interruption.POWER_LOSS)
                        cut.merge(i.oid().value(), 1, Integer::sum);
                } else if (event instanceof Event.Missed m) {
                    assertThat(missed.add(m.oid().value()))
                            .as("%s is missed once", m.oid())
                            .isTrue();
                } else if (event instanceof Event.Failed f) {
                    throw new AssertionError("Nothing fails here: " + f);
                }
            }
            var heard = new HashMap<String, Long>();
            var heardStarts = new HashMap<String, Integer>();
            for (var stretch : pole.sounded) {
                heard.merge(stretch.oid, stretch.ms, Long::sum);
                heardStarts.merge(stretch.oid, 1, Integer::sum);
            }
            heardStarts.forEach((oid, count) -> assertThat(starts.getOrDefault(oid, 0))
                    .as("starts on record of %s", oid)
                    .isGreaterThanOrEqualTo(count));
            assertThat(ends).as("every start has one end").isEqualTo(starts);
            heard.forEach((oid, ms) -> {
                var claimed = told.getOrDefault(oid, 0L);
                assertThat(claimed).as("seconds claimed of %s", oid).isLessThanOrEqualTo(ms);
                assertThat(claimed)
                        .as("seconds claimed of %s after %d cuts", oid, cut.getOrDefault(oid, 0))
                        .isGreaterThanOrEqualTo(ms - 1_000L * cut.getOrDefault(oid, 0) - 1);
            });
            for (var item : planned) {
                var oid = item.oid().value();
                if (item.latestEnd() < pole.now() - 2 * HOUR && !wrongClocks) {
                    assertThat(starts.containsKey(oid) || missed.contains(oid))
                            .as("%s is accounted for", oid)
                            .isTrue();
                }
            }
            pole.stored.values().forEach(epoch -> assertThat(epoch.lastKey() - epoch.firstKey() + 1)
                    .as("no hole in what the server has")
                    .isEqualTo(epoch.size()));
        }

        private static int minuteOfDay(long at) {
            return (int) (Math.floorMod(at + 7 * HOUR, DAY) / MINUTE);
        }
    }
}

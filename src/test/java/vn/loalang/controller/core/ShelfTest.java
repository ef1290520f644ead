package vn.loalang.controller.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.protocol.Asset;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Manifest;
import vn.loalang.protocol.Scope;

/** What a controller asks for by HTTP, in which order, how often and how much; in virtual time. */
class ShelfTest {
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long SIZE = 3L * Limits.HTTP_SEGMENT;
    private static final List<String> BASE = List.of("https://loa.example.vn/a/");

    private final Deployment deployment = Deployment.ofADevice();
    private final Map<String, String> disk = new HashMap<>();
    private Memory memory = new Memory(disk);
    private Outputs out = new Outputs(memory);
    private final TrustedTime time = new TrustedTime(true);
    private final Journal journal = new Journal(memory, time, 1, new Random(1));
    private final List<Output.Fetch> asked = new ArrayList<>();
    private final List<Hash> discarded = new ArrayList<>();
    private boolean verify;
    private AssetShelf shelf = shelf(Map.of(), 512L << 20);
    private long mono;

    private AssetShelf shelf(Map<Hash, Long> ready, long room) {
        var usual = Profile.of(deployment.id(), deployment.claim());
        var profile = new Profile(
                usual.id(),
                usual.claim(),
                0,
                "1",
                "test",
                Hello.Proof.NONE,
                16_384,
                room,
                Hello.Why.POWER,
                false,
                usual.pace(),
                usual.signatures(),
                java.util.Set.of(),
                true,
                0);
        shelf = new AssetShelf(ready, Map.of(), profile, memory, journal, out, new Random(1));
        shelf.sources(BASE, 0);
        return shelf;
    }

    private static AssetRef sound(String name) {
        return AssetRef.of(Asset.mp3(Hash.of(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)), SIZE));
    }

    private void perform() {
        for (var output : out.take()) {
            if (output instanceof Output.Fetch fetch) asked.add(fetch);
            if (output instanceof Output.Discard discard) discarded.add(discard.hash());
            if (output instanceof Output.Verify) verify = true;
        }
    }

    private void persist() {
        for (var output : out.take()) {
            if (output instanceof Output.Discard discard) discarded.add(discard.hash());
            if (output instanceof Output.Persist persist) {
                persist.changes().forEach((k, v) -> v.ifPresentOrElse(t -> disk.put(k, t), () -> disk.remove(k)));
            }
        }
        disk.keySet().removeIf(key -> !key.startsWith("blk/"));
    }

    private void tick(boolean paused) {
        time.at(new Moment(mono, Deployment.CLAIMED + mono));
        shelf.tick(mono, paused, Optional.empty());
        perform();
    }

    private Output.Fetch last() {
        return asked.get(asked.size() - 1);
    }

    private void arrives(boolean ok) {
        var fetch = last();
        var got = fetch.to() - fetch.from();
        shelf.fetched(new Input.Fetched(fetch.hash(), ok ? fetch.to() : fetch.from(), ok ? got : 0, ok), mono);
        perform();
    }

    private long failures() {
        return journal.summary().hi();
    }

    /** [AST-2]: the order of need is kept, one after another. */
    @Test
    void oneAfterAnotherInTheOrderOfNeed() {
        var first = sound("pin");
        var second = sound("tomorrow");
        shelf.want(List.of(first, second), Map.of(), mono);
        tick(false);
        for (int segment = 0; segment < 3; segment++) {
            assertThat(last().hash()).isEqualTo(first.hash());
            assertThat(last().url()).isEqualTo(BASE.get(0) + first.hash().b64u());
            arrives(true);
            if (segment < 2) tick(false);
        }
        assertThat(verify).isTrue();
        shelf.verified(new Input.Verified(first.hash(), true), mono);
        tick(false);
        assertThat(last().hash()).isEqualTo(second.hash());
    }

    /** A box that wakes for what it may not do yet does nothing else any more (storm of seed 2). */
    @Test
    void whatMustWaitWakesNobody() {
        shelf.want(List.of(sound("pin")), Map.of(), mono);
        mono += MINUTE;
        tick(true);
        assertThat(shelf.nextAttempt()).as("while something important sounds").isEmpty();
        tick(false);
        assertThat(asked).hasSize(1);
    }

    /** The power failed between the file and the record that its blocks are done with (storm of seed 1001111). */
    @Test
    void whatBecameWholeBeforeAPowerCutIsNotThrownAwayAsALeftoverOfBlocks() {
        var sound = sound("by blocks");
        var at = Deployment.CLAIMED;
        var head = new Head(deployment.claim().sys(), Scope.of(deployment.id()), at, at, at);
        shelf.sources(List.of(), 0);
        shelf.want(List.of(sound), Map.of(), mono);
        shelf.manifest(
                new Manifest(head, Asset.mp3(sound.hash(), SIZE), 16_000, 64, List.of(Hash.of(new byte[1]))), mono);
        persist();
        assertThat(disk).hasSize(1);

        memory = new Memory(disk);
        out = new Outputs(memory);
        shelf(Map.of(sound.hash(), SIZE), 512L << 20);
        shelf.want(List.of(sound), Map.of(), mono);
        shelf.tick(mono, false, Optional.of(List.of()));
        persist();
        assertThat(discarded).isEmpty();
        assertThat(shelf.isReady(sound.hash())).isTrue();
        assertThat(disk).as("what is remembered of its blocks").isEmpty();
    }

    /** [AST-2b]: what a document names is never thrown away, the rest is when room is needed. */
    @Test
    void whatADocumentNamesIsNeverThrownAway() {
        var kept = sound("kept");
        var idle = sound("idle");
        shelf(Map.of(kept.hash(), SIZE, idle.hash(), SIZE), 2 * SIZE + Limits.HTTP_SEGMENT);
        var fresh = sound("fresh");
        shelf.want(List.of(kept, fresh), Map.of(), mono);
        tick(false);
        assertThat(discarded).containsExactly(idle.hash());
        assertThat(shelf.isReady(kept.hash())).isTrue();
    }

    /** [DOC-4]: a codec that is lacking is told once and never fetched; the next sound comes. */
    @Test
    void aSoundInAnUnknownCodecFailsAloneAndCostsNothing() {
        var foreign = AssetRef.of(new Asset(sound("foreign").hash(), SIZE, "opus"));
        var usual = sound("usual");
        shelf.want(List.of(foreign, usual), Map.of(), mono);
        for (int i = 0; i < 100; i++) {
            tick(false);
            mono += MINUTE;
        }
        assertThat(asked).extracting(Output.Fetch::hash).containsOnly(usual.hash());
        assertThat(failures()).isEqualTo(1);
        assertThat(shelf.failure(foreign.hash())).contains("codec");
        shelf.want(List.of(foreign, AssetRef.of(Asset.mp3(foreign.hash(), SIZE))), Map.of(), mono);
        arrives(false);
        tick(false);
        assertThat(last().hash()).as("another document knows better").isEqualTo(foreign.hash());
    }

    /** [AST-2b], §15 STORE_FULL: what is named stays, also when something more urgent has no room. */
    @Test
    void aWantedSoundWithoutRoomIsAFaultUntilThereIsRoom() {
        var held = sound("held");
        shelf(Map.of(held.hash(), SIZE), 2 * SIZE - 1);
        var fresh = sound("fresh");
        shelf.want(List.of(fresh, held), Map.of(held.hash(), 47 * HOUR), mono);
        tick(false);
        assertThat(shelf.isFull()).isTrue();
        assertThat(asked).isEmpty();
        assertThat(discarded).isEmpty();
        shelf.want(List.of(fresh), Map.of(), mono);
        tick(false);
        assertThat(shelf.isFull()).as("the other may go now").isFalse();
        assertThat(discarded).containsExactly(held.hash());
        assertThat(last().hash()).isEqualTo(fresh.hash());
    }

    /** [AST-2b]: of a long plan on a stick the last sound gives way first, and only beyond 48 hours. */
    @Test
    void whatIsNeededInAWeekGivesWayToWhatIsNeededTomorrow() {
        var near = sound("near");
        var inThreeDays = sound("3d");
        var inAWeek = sound("7d");
        shelf(Map.of(inThreeDays.hash(), SIZE, inAWeek.hash(), SIZE), 2 * SIZE);
        var later = Map.of(near.hash(), 24 * HOUR, inThreeDays.hash(), 72 * HOUR, inAWeek.hash(), 168 * HOUR);
        shelf.want(List.of(near, inThreeDays, inAWeek), later, mono);
        tick(false);
        assertThat(discarded).containsExactly(inAWeek.hash());
        assertThat(last().hash()).isEqualTo(near.hash());
        assertThat(shelf.isFull()).as("the sound of next week has no room now").isFalse();
        tick(false);
        assertThat(shelf.isFull()).isTrue();
    }

    /** The disk may be fuller than our own allowance says. */
    @Test
    void aDiskThatOthersFillIsFull() {
        shelf.room(SIZE - 1);
        shelf.want(List.of(sound("a")), Map.of(), mono);
        tick(false);
        assertThat(shelf.isFull()).isTrue();
        assertThat(asked).isEmpty();
        shelf.room(SIZE);
        tick(false);
        assertThat(shelf.isFull()).isFalse();
        assertThat(asked).hasSize(1);
    }

    /** [AST-4b]: after six hours it has failed, and the word says why. */
    @Test
    void aSoundThatNeverFindsRoomFailsForLackOfStorage() {
        shelf.room(0);
        shelf.want(List.of(sound("a")), Map.of(), mono);
        tick(false);
        mono += 6 * HOUR;
        tick(false);
        assertThat(shelf.failure(sound("a").hash())).contains("storage");
    }

    /** [AST-3]. */
    @Test
    void nothingIsAskedForWhileSomethingImportantSounds() {
        shelf.want(List.of(sound("a")), Map.of(), mono);
        tick(true);
        assertThat(asked).isEmpty();
        tick(false);
        assertThat(asked).hasSize(1);
    }

    /** [AST-4]: with a hash that is always wrong, twice the size in a day and no more. */
    @Test
    void oneSoundCostsNoMoreThanTwiceItsSizeADay() {
        var poisoned = sound("poisoned");
        shelf.want(List.of(poisoned), Map.of(), mono);
        var received = 0L;
        while (mono < 23 * HOUR) {
            var before = asked.size();
            tick(false);
            if (asked.size() > before) {
                received += last().to() - last().from();
                arrives(true);
            }
            if (verify) {
                verify = false;
                shelf.verified(new Input.Verified(poisoned.hash(), false), mono);
                perform();
            }
            mono += 10 * SECOND;
        }
        assertThat(received).isBetween(SIZE + 1, 2 * SIZE);
    }

    /** [AST-4c]. */
    @Test
    void theDailyAllowanceIsKept() {
        shelf.sources(BASE, 2L * Limits.HTTP_SEGMENT);
        shelf.want(List.of(sound("a"), sound("b")), Map.of(), mono);
        for (int i = 0; i < 10; i++) {
            var before = asked.size();
            tick(false);
            if (asked.size() > before) arrives(true);
            mono += MINUTE;
        }
        assertThat(asked).hasSize(2);
        mono += 25 * HOUR;
        tick(false);
        assertThat(asked).hasSize(3);
    }

    /** [AST-4d]. */
    @Test
    void aSilentServerIsAskedMoreAndMoreRarely() {
        shelf.want(List.of(sound("a")), Map.of(), mono);
        var moments = new ArrayList<Long>();
        while (mono < 3 * HOUR) {
            var before = asked.size();
            tick(false);
            if (asked.size() > before) {
                moments.add(mono / SECOND);
                arrives(false);
            }
            mono += SECOND;
        }
        var pauses = new ArrayList<Long>();
        for (int i = 1; i < moments.size(); i++) pauses.add(moments.get(i) - moments.get(i - 1));
        assertThat(pauses.subList(0, 8)).containsExactly(10L, 20L, 40L, 80L, 160L, 320L, 600L, 600L);
        assertThat(pauses).allMatch(pause -> pause <= 600);
    }

    /** [AST-4e]. */
    @Test
    void aSoundThatFailsAgainAndAgainIsToldOnceAnHour() {
        var poisoned = sound("poisoned");
        shelf.want(List.of(poisoned), Map.of(), mono);
        tick(false);
        for (int i = 0; i < 30; i++) {
            shelf.verified(new Input.Verified(poisoned.hash(), false), mono);
            mono += MINUTE;
        }
        assertThat(failures()).isEqualTo(1);
        mono += HOUR;
        shelf.verified(new Input.Verified(poisoned.hash(), false), mono);
        assertThat(failures()).isEqualTo(2);
    }
}

package vn.loalang.controller.core;

import java.util.List;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Telemetry;
import vn.loalang.protocol.Topics;

/** Sends telemetry and the journal while there is a session. */
final class Reports {
    private final Profile profile;
    private final Topics topics;
    private final TrustedTime time;
    private final Journal journal;
    private final Faults faults;
    private final Surroundings surroundings;
    private final AssetShelf assets;
    private final Player player;
    private final Outputs out;
    private long nextTelemetryMono;
    /** As they were when somebody looked. */
    private List<Telemetry.Line> lines = List.of();

    Reports(
            Profile profile,
            TrustedTime time,
            Journal journal,
            Faults faults,
            Surroundings surroundings,
            AssetShelf assets,
            Player player,
            Outputs out) {
        this.profile = profile;
        this.topics = new Topics(profile.claim().sys());
        this.time = time;
        this.journal = journal;
        this.faults = faults;
        this.surroundings = surroundings;
        this.assets = assets;
        this.player = player;
        this.out = out;
    }

    /**
     * @param everySeconds {@code cfg.tel_s}
     */
    void tick(int everySeconds) {
        journal.due(time.mono()).ifPresent(batch -> publish(topics.ev(profile.id()), 1, batch.encode()));
        // A shorter interval counts at once, not after the end of the old one.
        nextTelemetryMono = Math.min(nextTelemetryMono, time.mono() + everySeconds * 1000L);
        if (time.mono() < nextTelemetryMono) return;
        nextTelemetryMono = time.mono() + everySeconds * 1000L;
        var telemetry = new Telemetry(
                time.stamp(),
                time.quality(),
                time.mono() / 1000,
                null,
                null,
                new Telemetry.Amplifier(player.sounding().isPresent(), null),
                lines,
                new Telemetry.Storage(assets.free() / 1024, pinsReady()),
                null,
                faults.present().stream().sorted().toList());
        publish(topics.tel(profile.id()), 0, telemetry.encode());
    }

    private int pinsReady() {
        var site = surroundings.site();
        if (site == null) return 0;
        return (int) site.pins().values().stream()
                .filter(pin -> assets.isReady(pin.h()))
                .count();
    }

    /** The loudspeaker lines were looked at: told at once, and from now on. */
    void measured(List<Telemetry.Line> found) {
        lines = List.copyOf(found);
        nextTelemetryMono = time.mono();
    }

    /** Uptime of the next report. */
    long nextWake() {
        return Math.min(nextTelemetryMono, journal.nextRetry().orElse(Long.MAX_VALUE));
    }

    private void publish(String topic, int qos, byte[] message) {
        out.add(new Output.Publish(topic, qos, false, Bytes.of(message)));
    }
}

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
    private final AssetShelf assets;
    private final Player player;
    private final Outputs out;
    private long nextTelemetryMono;

    Reports(
            Profile profile,
            TrustedTime time,
            Journal journal,
            Faults faults,
            AssetShelf assets,
            Player player,
            Outputs out) {
        this.profile = profile;
        this.topics = new Topics(profile.claim().sys());
        this.time = time;
        this.journal = journal;
        this.faults = faults;
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
                List.of(),
                new Telemetry.Storage(assets.free() / 1024, 0),
                null,
                faults.present().stream().sorted().toList());
        publish(topics.tel(profile.id()), 0, telemetry.encode());
    }

    /** Uptime of the next report. */
    long nextWake() {
        return Math.min(nextTelemetryMono, journal.nextRetry().orElse(Long.MAX_VALUE));
    }

    private void publish(String topic, int qos, byte[] message) {
        out.add(new Output.Publish(topic, qos, false, Bytes.of(message)));
    }
}

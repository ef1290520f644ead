package vn.loalang.controller.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Telemetry;

/** What may happen to a controller. */
public sealed interface Input {
    /** A message arrived. */
    record Received(String topic, Bytes payload) implements Input {}

    /** Time passed; due at the latest at {@link ControllerCore#nextWake}. */
    record Tick() implements Input {}

    /** The sound sink reports. */
    record Sink(SinkEvent event) implements Input {}

    /**
     * The MQTT session came up or went down.
     *
     * @param up connected, or no longer (also: the attempt failed)
     */
    record Link(boolean up) implements Input {}

    /** The broker refused a subscription (SUBACK 0x80). */
    record SubscriptionRefused(String topic) implements Input {}

    /**
     * An {@link Output.Fetch} is over.
     *
     * @param have length of the part now, synced to the disk
     * @param received bytes that crossed the network
     * @param ok the whole range came
     */
    record Fetched(Hash hash, long have, long received, boolean ok) implements Input {}

    /** An {@link Output.Verify} is over; {@code ok} means that the asset is ready. */
    record Verified(Hash hash, boolean ok) implements Input {}

    /**
     * A memory stick was put in, or its bundle has changed.
     *
     * @param documents by their names in the bundle
     */
    record Stick(Bytes bundle, Map<String, Bytes> documents) implements Input {
        public Stick {
            documents = Map.copyOf(documents);
        }
    }

    /** STOP was held for three seconds (PRI-2). */
    record Stop() implements Input {}

    /** The siren switch at the box was thrown. */
    record Siren(boolean on) implements Input {}

    /** The microphone's talk key was pressed or released. */
    record Microphone(boolean on) implements Input {}

    /** The hardware found a lasting trouble, or its end: {@code AMP_FAULT}, {@code MAINS_LOST}… */
    record Hardware(Fault fault, boolean present) implements Input {}

    /**
     * An {@link Output.Measure} is over.
     *
     * @param amplifier whether it takes samples; empty when that cannot be found out now
     * @param lines one of each loudspeaker line; empty on a box that cannot measure them
     */
    record Measured(Optional<Boolean> amplifier, List<Telemetry.Line> lines) implements Input {
        public Measured {
            lines = List.copyOf(lines);
        }
    }

    /**
     * How much the disk can still take, said at the start and when it has changed.
     *
     * @param bytes beyond what is held back for the journal
     */
    record Room(long bytes) implements Input {}

    /** The disk refused a write; nothing more was performed. */
    record StorageTrouble(boolean now) implements Input {}
}

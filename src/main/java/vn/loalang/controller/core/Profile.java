package vn.loalang.controller.core;

import java.util.List;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.RootKey;
import vn.loalang.protocol.SystemId;

/**
 * What a controller is, for as long as it runs.
 *
 * @param id its name, from its own key
 * @param sys the deployment that claimed it
 * @param roots pinned at claim
 * @param claimedAt when the claim was made, Unix ms; nothing older is believed
 * @param firmware version
 * @param hardware model and revision
 * @param proof best evidence of sound this hardware gives
 * @param packetBytes largest MQTT payload it takes
 * @param storeBytes room for audio
 * @param why reason of this start
 * @param rtcTrusted bench work: the clock is right without a welcome
 * @param firstConnectMs largest random delay before the first connection
 * @param backoffMs first pause between connection attempts; doubles to 300 s
 */
public record Profile(
        DeviceId id,
        SystemId sys,
        List<RootKey> roots,
        long claimedAt,
        String firmware,
        String hardware,
        Hello.Proof proof,
        int packetBytes,
        long storeBytes,
        Hello.Why why,
        boolean rtcTrusted,
        long firstConnectMs,
        long backoffMs) {
    public Profile {
        roots = List.copyOf(roots);
    }

    /** A controller with the protocol's own timing. */
    public static Profile of(DeviceId id, SystemId sys, List<RootKey> roots, long claimedAt) {
        return new Profile(
                id,
                sys,
                roots,
                claimedAt,
                "0.1.0",
                "loalang-pc",
                Hello.Proof.NONE,
                16_384,
                512L << 20,
                Hello.Why.POWER,
                false,
                15_000,
                5_000);
    }

    /** The same, started for this reason. */
    public Profile startedBy(Hello.Why reason) {
        return new Profile(
                id,
                sys,
                roots,
                claimedAt,
                firmware,
                hardware,
                proof,
                packetBytes,
                storeBytes,
                reason,
                rtcTrusted,
                firstConnectMs,
                backoffMs);
    }

    /** The same with another proof of sound. */
    public Profile proving(Hello.Proof kind) {
        return new Profile(
                id,
                sys,
                roots,
                claimedAt,
                firmware,
                hardware,
                kind,
                packetBytes,
                storeBytes,
                why,
                rtcTrusted,
                firstConnectMs,
                backoffMs);
    }

    /** The same with its own pace of connecting. */
    public Profile connecting(long firstMs, long pauseMs) {
        return new Profile(
                id,
                sys,
                roots,
                claimedAt,
                firmware,
                hardware,
                proof,
                packetBytes,
                storeBytes,
                why,
                rtcTrusted,
                firstMs,
                pauseMs);
    }

    /** The same on a bench, where documents come from files and the clock is right. */
    public Profile onTheBench() {
        return new Profile(
                id,
                sys,
                roots,
                claimedAt,
                firmware,
                hardware,
                proof,
                packetBytes,
                storeBytes,
                why,
                true,
                firstConnectMs,
                backoffMs);
    }
}

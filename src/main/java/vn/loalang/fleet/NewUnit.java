package vn.loalang.fleet;

import vn.loalang.protocol.DeviceId;

/**
 * A box as its label describes it.
 *
 * @param model as on the label {@code GB1:{id}:{model}}; at most 60 characters
 * @param hardware revision, may be empty until its first hello; at most 60 characters
 */
public record NewUnit(DeviceId id, String model, String hardware) {}

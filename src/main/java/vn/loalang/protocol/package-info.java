/**
 * GB1, the protocol between the scheduler and the loudspeaker controllers: wire records, strict JSON, envelope, keys and
 * the order of checks of a controller. Plain Java that depends on nothing of ours, so that both ends share it.
 * The normative text is {@code firmware-protocol/PROTOCOL.md}; rule tags such as [ENV-4] refer to it.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package vn.loalang.protocol;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

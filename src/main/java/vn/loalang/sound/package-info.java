/**
 * Sound as numbers: reading MP3 and WAV, measuring, levelling and encoding, and the canonical form that is on the air.
 * Plain Java that depends on nothing of ours, so that server, controller and simulator share it.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package vn.loalang.sound;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

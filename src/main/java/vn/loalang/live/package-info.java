/** Live voice: from a person's microphone to the loudspeakers, always recorded, one speaker at a time. */
@ApplicationModule(
        allowedDependencies = {"access", "area", "audio", "broadcast", "delivery", "fleet", "protocol", "sound", "web"})
@NullMarked
package vn.loalang.live;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

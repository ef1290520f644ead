/** Emergencies: what is said, to whom, and how an alert is counted down, aired, corrected and ended. */
@ApplicationModule(
        allowedDependencies = {"area", "access", "web", "audio", "fleet", "broadcast", "delivery", "protocol", "sound"})
@NullMarked
package vn.loalang.emergency;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

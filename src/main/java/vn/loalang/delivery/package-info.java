/** Carries signed documents to the controllers over MQTT, brings their evidence back, and hands them their audio. */
@ApplicationModule(
        allowedDependencies = {"area", "access", "web", "audio", "fleet", "broadcast", "timetable", "protocol"})
@NullMarked
package vn.loalang.delivery;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

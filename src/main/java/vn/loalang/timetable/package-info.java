/** When it is said: slots, recurrence, quiet hours, and the occurrences handed to the broadcasts; the only user of Quartz. */
@ApplicationModule(allowedDependencies = {"area", "access", "web", "audio", "fleet", "programme", "broadcast"})
@NullMarked
package vn.loalang.timetable;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

/**
 * The conformance kit: plays the server against any controller through any MQTT 3.1.1 broker and says which rules the
 * controller keeps, breaks or cannot show.
 */
@ApplicationModule(allowedDependencies = {"protocol", "sound"})
@NullMarked
package vn.loalang.conformance;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

/**
 * The heart: an order to sound and its playback on every controller. What was heard is known from controllers' reports
 * alone; what no controller reported is unknown.
 */
@ApplicationModule(allowedDependencies = {"area", "access", "audio", "fleet", "programme", "protocol", "web"})
@NullMarked
package vn.loalang.broadcast;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

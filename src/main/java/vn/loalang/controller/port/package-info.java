/** The thin ports around the core: MQTT, disk, HTTP, sound, and the one thread that drives it. */
@NullMarked
package vn.loalang.controller.port;

import org.jspecify.annotations.NullMarked;

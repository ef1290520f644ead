/**
 * The server's decisions as functions of what is stored, what has come in, and the time: no SQL, no clock, no broker. The
 * server puts its tables around them, and the storms of the simulator theirs, so both decide alike.
 */
@NamedInterface("rules")
@NullMarked
package vn.loalang.delivery.rules;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;

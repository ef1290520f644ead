/** The pure heart of a loudspeaker controller: no I/O, clock, threads or randomness of its own (PROTOCOL.md, main loop). */
@NamedInterface("core")
@NullMarked
package vn.loalang.controller.core;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;

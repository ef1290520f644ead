/** The pure heart of a loudspeaker controller: no I/O, clock, threads or randomness of its own (PROTOCOL.md, main loop). */
@NullMarked
package vn.loalang.controller.core;

import org.jspecify.annotations.NullMarked;

/** Drives thousands of real controller cores against a server from one process, to measure what both can bear. */
@ApplicationModule(allowedDependencies = {"protocol", "controller :: core"})
@NullMarked
package vn.loalang.simulator;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

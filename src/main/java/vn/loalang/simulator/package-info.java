/**
 * Drives thousands of real controller cores against a server from one process, to measure what both can bear; and storms, in
 * which the server's decisions and the cores meet on virtual time.
 */
@ApplicationModule(
        allowedDependencies = {"protocol", "controller :: core", "broadcast", "delivery", "delivery :: rules", "fleet"})
@NullMarked
package vn.loalang.simulator;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

/**
 * Deterministic storms: the server's decisions and many real controller cores in one thread on virtual time, with simulated
 * broker, links, disks, clocks and power, all drawn from one seed. What must never happen is checked all the while.
 */
@NamedInterface("storm")
@NullMarked
package vn.loalang.simulator.storm;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;

/** Tree of administrative areas and the stations that serve them; the lowest module, with what all others share. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package vn.loalang.area;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

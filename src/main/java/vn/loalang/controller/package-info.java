/** The reference loudspeaker controller: a pure core and thin ports; plain Java without Spring. */
@ApplicationModule(allowedDependencies = {"protocol", "sound"})
@NullMarked
package vn.loalang.controller;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

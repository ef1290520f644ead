/** Loudspeaker controllers: the poles, the boxes on them, where they are, whether they are there and what ails them. */
@ApplicationModule(allowedDependencies = {"area", "access", "protocol", "web"})
@NullMarked
package vn.loalang.fleet;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

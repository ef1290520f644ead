/** What is said: programmes, their versions, and the recordings of each version in order and by language. */
@ApplicationModule(allowedDependencies = {"area", "audio"})
@NullMarked
package vn.loalang.programme;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

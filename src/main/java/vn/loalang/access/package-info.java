/** People, what they may do in which areas, how they sign in, and the audit log; with the pages of Quản trị. */
@ApplicationModule(allowedDependencies = {"area"})
@NullMarked
package vn.loalang.access;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

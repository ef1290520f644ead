/** The frame of every page: layout, navigation, times in words, errors, live updates, and the server's TLS. */
@ApplicationModule(allowedDependencies = {"area", "access"})
@NullMarked
package vn.loalang.web;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

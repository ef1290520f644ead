/** A small commune that the first visitor can watch: made-up places, six controllers as processes of their own, a slot two minutes away. */
@ApplicationModule(
        allowedDependencies = {
            "access",
            "area",
            "audio",
            "controller",
            "delivery",
            "fleet",
            "protocol",
            "timetable",
            "web"
        })
@NullMarked
package vn.loalang.demo;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

/** Recordings: resumable upload, true length, levelling, the canonical file and its store, and the page Kho chương trình. */
@ApplicationModule(allowedDependencies = {"access", "area", "sound", "web"})
@NullMarked
package vn.loalang.audio;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

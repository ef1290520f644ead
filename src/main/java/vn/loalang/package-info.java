/** Loa Làng: public-address broadcasting for commune radio stations. */
@NullMarked
package vn.loalang;

import org.jspecify.annotations.NullMarked;

/** The product as its users meet it: packaged jar, real processes, real broker, real browser, pulled plugs. */
@NullMarked
package vn.loalang.system;

import org.jspecify.annotations.NullMarked;

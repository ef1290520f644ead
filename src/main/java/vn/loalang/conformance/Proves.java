package vn.loalang.conformance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a test and names the rules it proves. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Proves {
    /** Tags of rules, such as {@code ENV-3}. */
    String[] value();

    /** The profile in which it runs. */
    String profile() default "core";

    /** Longest duration in seconds; after it the test has failed. */
    int seconds() default 30;

    /** Whether it needs a controller nobody has spoken to. */
    boolean fresh() default false;
}

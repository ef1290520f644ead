package vn.loalang.web;

import org.jspecify.annotations.Nullable;

/** One step of setting up an empty server, shown on the first-run page; a module adds one by declaring a bean. */
public interface SetupStep {
    /** Place in the list: 10 administrator, 20 root keys, 30 areas, 40 quiet hours, 50 first controller. */
    int order();

    /** Message key of the step's name; the same key with {@code .why} explains it in one sentence. */
    String messageKey();

    /** Whether nothing is left to do. */
    boolean done();

    /** Whether the first-run page must come before the first screen until this step is done. */
    default boolean essential() {
        return true;
    }

    /** The page where it is done; null when it cannot be done yet. */
    @Nullable
    String link();
}

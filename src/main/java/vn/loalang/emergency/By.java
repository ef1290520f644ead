package vn.loalang.emergency;

import vn.loalang.access.AreaScope;

/**
 * Whoever does something to an alert.
 *
 * @param speaks where he is an operator
 * @param leads where he is a leader
 */
public record By(long personId, String name, AreaScope speaks, AreaScope leads) {
    /** The same person answering an alert: whoever may stop it as a leader may say so there, too. */
    By answering() {
        return new By(personId, name, speaks.and(leads), leads);
    }
}

package vn.loalang.web;

/**
 * An entry that a page puts into the main navigation while it is open, beside the screen it belongs to: then this entry is the
 * current one and the screen's is not. A page has one when its model holds it as {@value #NAME}.
 *
 * @param path where it leads
 * @param messageKey its name
 * @param tone of its colours: the body has the class {@code own-<tone>}
 */
public record OwnEntry(String path, String messageKey, String tone) {
    /** Of the model's attribute. */
    public static final String NAME = "ownEntry";
}

package vn.loalang.emergency;

import vn.loalang.area.AreaPath;

/**
 * Somebody to be called where poles stay silent.
 *
 * @param area whose people they can reach on foot or with a hand loudspeaker
 * @param duty what they are there, {@code Trưởng thôn}; may be empty
 * @param phone as it is dialled
 */
public record Contact(long id, AreaPath area, String name, String duty, String phone) {
    /** The number for a {@code tel:} link: digits and a leading plus. */
    public String dialled() {
        return phone.replaceAll("[^0-9+]", "");
    }
}

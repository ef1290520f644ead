package vn.loalang.area;

/** Who speaks for an area, lowest last; the rank decides which of two broadcasts of one class sounds. */
public enum Authority {
    CENTRAL,
    PROVINCE,
    COMMUNE,
    VILLAGE
}

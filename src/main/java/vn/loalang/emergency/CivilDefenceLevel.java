package vn.loalang.emergency;

import vn.loalang.area.Authority;

/** Levels of civil defence; the chair of a commune may announce the first, the others are left to those above. */
public enum CivilDefenceLevel {
    LEVEL_1(Authority.COMMUNE),
    LEVEL_2(Authority.PROVINCE),
    LEVEL_3(Authority.CENTRAL);

    private final Authority lowest;

    CivilDefenceLevel(Authority lowest) {
        this.lowest = lowest;
    }

    /** 1 to 3. */
    public int number() {
        return name().charAt(name().length() - 1) - '0';
    }

    /** Whether it is announced by whoever speaks with this authority. */
    boolean announcedBy(Authority authority) {
        return authority.compareTo(lowest) <= 0;
    }

    /** Key of the sentence that says who may. */
    String refusalKey() {
        return "emergency.refused.defence." + name();
    }
}

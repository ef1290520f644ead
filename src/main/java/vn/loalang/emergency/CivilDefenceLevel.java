package vn.loalang.emergency;

/** Levels of civil defence; the chair of a commune may announce the first. */
public enum CivilDefenceLevel {
    LEVEL_1,
    LEVEL_2,
    LEVEL_3;

    /** 1 to 3. */
    public int number() {
        return name().charAt(name().length() - 1) - '0';
    }
}

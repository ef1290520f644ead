package vn.loalang.emergency;

import java.util.Locale;

/** Levels of risk of a natural disaster, each with its legal colour. */
public enum DisasterRiskLevel {
    /** Light blue. */
    LEVEL_1,
    /** Light yellow. */
    LEVEL_2,
    /** Orange. */
    LEVEL_3,
    /** Red. */
    LEVEL_4,
    /** Purple. */
    LEVEL_5;

    /** 1 to 5. */
    public int number() {
        return name().charAt(name().length() - 1) - '0';
    }

    /** Class of its colour in style sheets: {@code risk-1} to {@code risk-5}. */
    public String tone() {
        return String.format(Locale.ROOT, "risk-%d", number());
    }
}

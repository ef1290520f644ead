package vn.loalang.broadcast;

import vn.loalang.area.Authority;

/** The three classes of Circular 39/2020. */
public enum Priority {
    /** An offer: the commune chooses. */
    NORMAL,
    /** Enters the programme. */
    PRIORITY,
    /** Sounds at once. */
    EMERGENCY;

    /**
     * Priority number on the wire: class first, then who speaks. NORMAL is 20–39, PRIORITY 40–59, EMERGENCY 80–99 (90 and
     * above for province and country).
     */
    public int wireNumber(Authority authority) {
        var step =
                switch (authority) {
                    case VILLAGE -> 0;
                    case COMMUNE -> 5;
                    case PROVINCE -> 10;
                    case CENTRAL -> 15;
                };
        return switch (this) {
            case NORMAL -> 20 + step;
            case PRIORITY -> 40 + step;
            case EMERGENCY -> 80 + step;
        };
    }
}

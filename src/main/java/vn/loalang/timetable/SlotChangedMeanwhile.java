package vn.loalang.timetable;

/** Somebody else changed the slot after it was opened; nothing was changed by the second person. */
public class SlotChangedMeanwhile extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient SlotId slot;
    private final int basedOn;

    SlotChangedMeanwhile(SlotId slot, int basedOn) {
        super(slot + " is no longer at revision " + basedOn);
        this.slot = slot;
        this.basedOn = basedOn;
    }

    /** The slot both wanted to change. */
    public SlotId slot() {
        return slot;
    }

    /** The revision the second person had opened. */
    public int basedOn() {
        return basedOn;
    }
}

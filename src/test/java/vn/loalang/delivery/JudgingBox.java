package vn.loalang.delivery;

import java.util.ArrayList;
import java.util.List;
import vn.loalang.protocol.Admission;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceState;
import vn.loalang.protocol.DeviceTime;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Row;

/** What a box makes of the messages that a {@link TestDevice} hears, by the protocol's own judgement. */
final class JudgingBox {
    private static final int SIGNATURES = 2;

    private final TestDevice device;
    private final List<Document> accepted = new ArrayList<>();
    private DeviceState state;
    private int heard;

    JudgingBox(TestDevice device, byte[] claim) {
        this.device = device;
        this.state = DeviceState.claimed(
                        device.id(), ClaimFile.decode(claim), 0, new JournalId("test"), Limits.DEVICE_MESSAGE)
                .onBench();
    }

    /** Judges what has come since it was asked last. */
    void hear(long now) {
        var messages = device.messages();
        for (; heard < messages.size(); heard++) {
            judge(now, messages.get(heard));
        }
    }

    Admission.Outcome judge(long now, byte[] message) {
        var outcome = Admission.admit(state, new DeviceTime(now, Quality.T), SIGNATURES, message);
        if (outcome instanceof Admission.Accepted taken) {
            state = taken.next().onBench();
            accepted.add(taken.document());
        }
        return outcome;
    }

    /** Everything it has taken, oldest first. */
    List<Document> accepted() {
        return List.copyOf(accepted);
    }

    /** Number of the document in force; 0 if there is none. */
    long holds(Row row) {
        var stored = state.documents().get(row);
        return stored == null ? 0 : stored.seq();
    }

    long mark(Row row) {
        var mark = state.marks().get(row);
        return mark == null ? 0 : mark.seq();
    }

    boolean knows(Keys.Rst recovery) {
        return state.keys().rst() == recovery.n();
    }
}

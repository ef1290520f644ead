package vn.loalang.emergency;

import java.io.IOException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Durability;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.Recording;
import vn.loalang.audio.Recordings;
import vn.loalang.audio.Samples;

/** Sounds that come with the program: taken into the audio store, and noted together with what they are for. */
@Component
class SuppliedSounds {
    private final Recordings recordings;
    private final Stations stations;
    private final AuditLog audit;
    private final Durability durability;
    private final TransactionTemplate transaction;
    private final boolean wanted;

    SuppliedSounds(
            Recordings recordings,
            Stations stations,
            AuditLog audit,
            Durability durability,
            TransactionTemplate transaction,
            @Value("${loalang.delivery.simulated-fleet:0}") int simulatedFleet) {
        this.recordings = recordings;
        this.stations = stations;
        this.audit = audit;
        this.durability = durability;
        this.transaction = transaction;
        this.wanted = simulatedFleet == 0;
    }

    /** Whether there is use for them: thousands of simulated boxes on one machine had better not fetch sounds for good. */
    boolean wanted() {
        return wanted;
    }

    /** Stores one as a recording of the library. */
    Recording programme(String name, String title, String language) throws IOException {
        return Samples.store(name, file -> recordings.add(station(), file, title, language));
    }

    /** Stores one as loud as alarms are, outside the library. */
    Recording alarm(String name, String title) throws IOException {
        return Samples.store(name, file -> recordings.addAlarm(station(), file, title));
    }

    private StationId station() {
        return new StationId(stations.main().id());
    }

    /** Puts what needs them into the database, all or nothing, with a note in the audit log. */
    void keep(String action, String title, Runnable what) {
        transaction.executeWithoutResult(status -> {
            what.run();
            audit.record(action, title, "");
            durability.confirm();
        });
    }
}

package vn.loalang.emergency;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Durability;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.Recordings;
import vn.loalang.delivery.Pins;

/**
 * "Đây là diễn tập", which controllers speak by themselves before and after every repetition of a drill, so that no recording can
 * make a drill sound like the real thing. The words come with the program and are pinned on every box.
 */
@Component
class DrillWords {
    /** The pin that controllers sound around a drill. */
    static final String PIN = "exercise";

    private static final Logger log = LoggerFactory.getLogger(DrillWords.class);
    private static final String SOUND = "audio-samples/exercise.mp3";
    private static final String TITLE = "Đây là diễn tập";

    private final Pins pins;
    private final Recordings recordings;
    private final Stations stations;
    private final AuditLog audit;
    private final Durability durability;
    private final TransactionTemplate transaction;
    private final boolean wanted;

    DrillWords(
            Pins pins,
            Recordings recordings,
            Stations stations,
            AuditLog audit,
            Durability durability,
            TransactionTemplate transaction,
            EmergencySettings settings,
            @Value("${loalang.delivery.simulated-fleet:0}") int simulatedFleet) {
        this.pins = pins;
        this.recordings = recordings;
        this.stations = stations;
        this.audit = audit;
        this.durability = durability;
        this.transaction = transaction;
        // Thousands of simulated boxes on one machine have other things to do than to fetch sounds for good.
        this.wanted = settings.drillWords() && simulatedFleet == 0;
    }

    /** Pins the words where none are pinned; whether it did. What fails is tried again at the next start. */
    boolean settle() {
        if (!wanted || pins.all().containsKey(PIN)) {
            return false;
        }
        try {
            var file = Files.createTempFile("exercise-", ".mp3");
            try (var in = new ClassPathResource(SOUND).getInputStream()) {
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
                var words = recordings.addAlarm(new StationId(stations.main().id()), file, TITLE);
                transaction.executeWithoutResult(status -> {
                    pins.put(PIN, words);
                    audit.record("emergency.drillWordsPinned", TITLE, "");
                    durability.confirm();
                });
                return true;
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException | RuntimeException e) {
            log.error("The words around a drill are not pinned; controllers sound a chime in their place", e);
            return false;
        }
    }
}

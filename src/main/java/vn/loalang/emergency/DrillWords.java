package vn.loalang.emergency;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import vn.loalang.delivery.Pins;
import vn.loalang.protocol.Site;

/**
 * "Đây là diễn tập", which controllers speak by themselves before and after every repetition of a drill, so that no recording can
 * make a drill sound like the real thing. The words come with the program and are pinned on every box.
 */
@Component
class DrillWords {
    private static final Logger log = LoggerFactory.getLogger(DrillWords.class);
    private static final String TITLE = "Đây là diễn tập";

    private final Pins pins;
    private final SuppliedSounds sounds;
    private final boolean wanted;

    DrillWords(Pins pins, SuppliedSounds sounds, EmergencySettings settings) {
        this.pins = pins;
        this.sounds = sounds;
        this.wanted = settings.drillWords() && sounds.wanted();
    }

    /** Pins the words where none are pinned; whether it did. What fails is tried again at the next start. */
    boolean settle() {
        if (!wanted || pins.all().containsKey(Site.EXERCISE_PIN)) {
            return false;
        }
        try {
            var words = sounds.alarm("exercise.mp3", TITLE);
            sounds.keep("emergency.drillWordsPinned", TITLE, () -> pins.put(Site.EXERCISE_PIN, words));
            return true;
        } catch (IOException | RuntimeException e) {
            log.error("The words around a drill are not pinned; controllers sound a chime in their place", e);
            return false;
        }
    }
}

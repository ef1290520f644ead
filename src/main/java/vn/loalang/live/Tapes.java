package vn.loalang.live;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.ServerSettings;
import vn.loalang.audio.Recordings;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.sound.CanonicalMp3;
import vn.loalang.sound.SoundException;
import vn.loalang.sound.WavWriter;
import vn.loalang.web.LiveUpdates;

/** Recordings of what is said live: one WAV file each while it lasts, then a recording in the library, kept with its broadcast. */
@Component
class Tapes {
    private static final Logger log = LoggerFactory.getLogger(Tapes.class);
    private static final String LANGUAGE = "vi";

    private final Path directory;
    private final Recordings recordings;
    private final Broadcasts broadcasts;
    private final Speeches speeches;
    private final TransactionTemplate transaction;
    private final Durability durability;
    private final LiveUpdates live;

    Tapes(
            ServerSettings settings,
            Recordings recordings,
            Broadcasts broadcasts,
            Speeches speeches,
            TransactionTemplate transaction,
            Durability durability,
            LiveUpdates live) {
        this.directory = settings.dataPath().resolve("live");
        this.recordings = recordings;
        this.broadcasts = broadcasts;
        this.speeches = speeches;
        this.transaction = transaction;
        this.durability = durability;
        this.live = live;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("The data directory cannot be written", e);
        }
    }

    /** A new file for what will be said. */
    WavWriter begin(BroadcastId id) throws IOException {
        return WavWriter.create(file(id), CanonicalMp3.SAMPLE_RATE, 1);
    }

    /** When something was last recorded of what is not in the library yet; empty if nothing was. */
    Optional<Instant> lastWord(BroadcastId id) {
        try {
            return Optional.of(Files.getLastModifiedTime(file(id)).toInstant());
        } catch (IOException e) {
            log.debug("Nothing of {} was recorded", id, e);
            return Optional.empty();
        }
    }

    /** Brings a finished speech into the library; when that fails now, the next start tries again. */
    void keep(Speeches.Stored speech) {
        var file = file(speech.id());
        try {
            if (Files.exists(file)) {
                var recording = recordings.add(speech.station(), file, speech.title(), LANGUAGE, speech.personName());
                transaction.executeWithoutResult(status -> {
                    broadcasts.attach(speech.id(), recording.id());
                    speeches.kept(speech.id(), recording.id());
                    live.changed(LiveVoice.TOPIC);
                    durability.confirm();
                });
                Files.deleteIfExists(file);
            } else {
                nothing(speech);
            }
        } catch (SoundException e) {
            log.info("Nothing was said in {}: {}", speech.id(), e.getMessage());
            nothing(speech);
        } catch (IOException | Refusal e) {
            log.error("What was said in {} is not in the library yet; its file stays", speech.id(), e);
        }
    }

    private void nothing(Speeches.Stored speech) {
        transaction.executeWithoutResult(status -> {
            speeches.unrecorded(speech.id());
            live.changed(LiveVoice.TOPIC);
        });
    }

    private Path file(BroadcastId id) {
        return directory.resolve(id + ".wav");
    }
}

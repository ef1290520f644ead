package vn.loalang.emergency;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.Durability;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.protocol.Step;

/** Makes the sound of sirens behind the scenes, one after the other, and has it pinned; after a restart it goes on. */
@Component
class SirenRenderer implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(SirenRenderer.class);

    private static final int LONGEST_TITLE = 200;

    private final Sirens sirens;
    private final AreaSirens areaSirens;
    private final Messages messages;
    private final Recordings recordings;
    private final Stations stations;
    private final ExampleSet examples;
    private final DrillWords drillWords;
    private final TransactionTemplate transaction;
    private final Durability durability;
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> {
        var thread = new Thread(task, "siren-renderer");
        thread.setDaemon(true);
        return thread;
    });

    private volatile boolean stopping;

    SirenRenderer(
            Sirens sirens,
            AreaSirens areaSirens,
            Messages messages,
            Recordings recordings,
            Stations stations,
            ExampleSet examples,
            DrillWords drillWords,
            TransactionTemplate transaction,
            Durability durability) {
        this.sirens = sirens;
        this.areaSirens = areaSirens;
        this.messages = messages;
        this.recordings = recordings;
        this.stations = stations;
        this.examples = examples;
        this.drillWords = drillWords;
        this.transaction = transaction;
        this.durability = durability;
    }

    @EventListener(ApplicationReadyEvent.class)
    void begin() {
        worker.execute(() -> {
            drillWords.settle();
            examples.seed();
            renderAll();
        });
    }

    @TransactionalEventListener
    void on(Sirens.Changed change) {
        worker.execute(this::renderAll);
    }

    @Override
    public void destroy() {
        stopping = true;
        worker.shutdown();
        try {
            // Not interrupted at work: that would close the file under the database.
            if (!worker.awaitTermination(10, TimeUnit.SECONDS)) {
                log.warn("A siren was still being rendered when the server stopped");
            }
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Renders every siren that has no sound yet. One that fails waits for the next time; until then boxes make its tone themselves, or
     * where it is an area's own sound what sounds above.
     */
    void renderAll() {
        try {
            for (var siren : sirens.silent()) {
                if (stopping) {
                    return;
                }
                render(siren, siren.name(), sound -> sirens.rendered(siren, sound));
            }
            for (var own : areaSirens.silent()) {
                if (stopping) {
                    return;
                }
                var title = AlertBook.cut(own.siren().name() + " – " + own.areaName(), LONGEST_TITLE);
                render(own.siren(), title, sound -> areaSirens.rendered(own, sound));
            }
        } catch (DataAccessException e) {
            log.error("Sirens are rendered at the next start", e);
        }
    }

    /**
     * Makes the sound of one siren.
     *
     * @param title of the recording
     * @param give gives the siren its sound; whether it still is what was rendered
     */
    private void render(Siren siren, String title, Predicate<RecordingId> give) {
        try {
            var wav = Files.createTempFile("siren-", ".wav");
            try {
                vn.loalang.sound.Siren.write(
                        wav,
                        pattern(siren.tone()),
                        siren.blasts(),
                        siren.on().toMillis(),
                        siren.gap().toMillis());
                var sound = recordings.addAlarm(new StationId(stations.main().id()), wav, title);
                transaction.executeWithoutResult(status -> {
                    if (give.test(sound.id())) {
                        messages.settle();
                        durability.confirm();
                    }
                });
            } finally {
                Files.deleteIfExists(wav);
            }
        } catch (IOException | RuntimeException e) {
            log.error("The sound of siren {} could not be made; controllers sound what they have", title, e);
        }
    }

    private static vn.loalang.sound.Siren.Pattern pattern(Step.Pattern tone) {
        return switch (tone) {
            case WAIL -> vn.loalang.sound.Siren.Pattern.WAIL;
            case YELP -> vn.loalang.sound.Siren.Pattern.YELP;
            case STEADY -> vn.loalang.sound.Siren.Pattern.STEADY;
        };
    }
}

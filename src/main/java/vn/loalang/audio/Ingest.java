package vn.loalang.audio;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.sound.SoundException;

/** Makes recordings of files that have arrived, one after the other; after a restart it goes on. */
@Component
class Ingest implements DisposableBean {
    private static final Logger log = LoggerFactory.getLogger(Ingest.class);
    private static final int LONGEST_ARGUMENT = 60;
    private static final int SECONDS_TO_STOP = 5;

    private final JdbcClient jdbc;
    private final AudioStore store;
    private final Recordings recordings;
    private final Map<String, Integer> progress = new ConcurrentHashMap<>();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(task -> {
        var thread = new Thread(task, "audio-ingest");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean stopping;

    Ingest(JdbcClient jdbc, AudioStore store, Recordings recordings) {
        this.jdbc = jdbc;
        this.store = store;
        this.recordings = recordings;
    }

    /** Queues an upload that is in state PROCESSING. */
    void take(String uploadId) {
        worker.execute(() -> process(uploadId));
    }

    /** Part done of an upload, 0 to 100; 0 also when it is none of those under way. */
    int progress(String uploadId) {
        return progress.getOrDefault(uploadId, 0);
    }

    @EventListener(ApplicationReadyEvent.class)
    void goOn() {
        jdbc.sql("select id from audio_upload where state = 'PROCESSING' order by begun_at, id")
                .query(String.class)
                .list()
                .forEach(this::take);
    }

    @Override
    public void destroy() throws InterruptedException {
        stopping = true;
        worker.shutdown();
        if (!worker.awaitTermination(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
            log.warn("An upload is still being made into a recording; the next start begins it anew");
        }
    }

    private void process(String id) {
        if (stopping) {
            return;
        }
        try {
            var upload = find(id);
            if (upload.isPresent()) {
                process(upload.get());
            }
        } catch (DataAccessException e) {
            log.error("Upload {} waits for the next start", id, e);
        } finally {
            progress.remove(id);
        }
    }

    private void process(Upload upload) {
        try {
            var hash = upload.declaredHash();
            if (hash != null && !hash.equals(Recordings.hash(store.upload(upload.id())))) {
                fail(upload, UploadProblem.HASH_DIFFERS, "");
                return;
            }
            var wanted = new Recordings.Wanted(
                    upload.stationId(),
                    upload.fileName(),
                    upload.title(),
                    upload.language(),
                    upload.personName(),
                    upload.personId());
            recordings.add(
                    wanted,
                    store.secondName(upload.id()),
                    part -> report(upload, part),
                    recording -> done(upload, recording));
            Files.deleteIfExists(store.upload(upload.id()));
        } catch (SoundException e) {
            refuse(upload, e);
        } catch (CancellationException e) {
            log.info("Upload {} waits for the next start", upload.id());
        } catch (IOException | RuntimeException e) {
            log.error("Upload {} could not be made into a recording", upload.id(), e);
            fail(upload, UploadProblem.INTERNAL, "");
        }
    }

    private void report(Upload upload, double part) {
        if (stopping) {
            throw new CancellationException("the server stops");
        }
        progress.put(upload.id(), (int) (part * 100));
    }

    private void done(Upload upload, long recording) {
        jdbc.sql(
                        "update audio_upload set state = 'DONE', recording_id = :recording where id = :id and state = 'PROCESSING'")
                .param("recording", recording)
                .param("id", upload.id())
                .update();
    }

    private void refuse(Upload upload, SoundException e) {
        var problem = UploadProblem.of(e);
        fail(upload, problem, problem == UploadProblem.OTHER_FORMAT ? e.detail() : "");
    }

    private void fail(Upload upload, UploadProblem problem, String argument) {
        jdbc.sql("""
                        update audio_upload set state = 'FAILED', problem = :problem, problem_argument = :argument
                        where id = :id and state = 'PROCESSING'""")
                .param("problem", problem.name())
                .param("argument", argument.substring(0, Math.min(LONGEST_ARGUMENT, argument.length())))
                .param("id", upload.id())
                .update();
        store.dropUpload(upload.id());
    }

    private Optional<Upload> find(String id) {
        return jdbc.sql("""
                        select id, station_id, person_id, person_name, file_name, title, language, declared_bytes, declared_hash,
                          received_bytes, state, problem, problem_argument, recording_id, expires_at
                        from audio_upload where id = :id and state = 'PROCESSING'""").param("id", id).query(Uploads::upload).optional();
    }
}

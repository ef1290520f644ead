package vn.loalang.audio;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import vn.loalang.area.DurableFile;
import vn.loalang.area.ServerSettings;

/**
 * Sound files on disk, below {@code data/audio}: {@code original/} and {@code canonical/} hold whole files named by their hash,
 * {@code upload/} holds files on their way in, and {@code work/} what is being made, which a restart begins anew. A file gets its
 * name only when all of it is on the disk, and a name that is there is never written again.
 */
@Component
public final class AudioStore {
    private static final Logger log = LoggerFactory.getLogger(AudioStore.class);
    private static final String SECOND_NAME = ".original";

    private final Path original;
    private final Path canonical;
    private final Path upload;
    private final Path work;

    AudioStore(ServerSettings settings) {
        var audio = settings.dataPath().resolve("audio");
        this.original = audio.resolve("original");
        this.canonical = audio.resolve("canonical");
        this.upload = audio.resolve("upload");
        this.work = audio.resolve("work");
        try {
            Files.createDirectories(original);
            Files.createDirectories(canonical);
            Files.createDirectories(upload);
            Files.createDirectories(work);
            clear(work);
        } catch (IOException e) {
            throw new UncheckedIOException("The data directory cannot be written", e);
        }
    }

    /** The canonical file with this content; empty if there is none. */
    public Optional<Path> canonical(ContentHash hash) {
        return existing(canonical, hash);
    }

    /** The file with this content as it was uploaded; empty if there is none. */
    public Optional<Path> original(ContentHash hash) {
        return existing(original, hash);
    }

    /** Where an upload gathers. */
    Path upload(String id) {
        return upload.resolve(id);
    }

    /** Drops what arrived of an upload, also what is being made of it. */
    void dropUpload(String id) {
        try {
            Files.deleteIfExists(upload(id));
            Files.deleteIfExists(work.resolve(id + SECOND_NAME));
        } catch (IOException e) {
            log.warn("An upload's file stays until the next start", e);
        }
    }

    /** The uploads that have a file. */
    Set<String> uploads() {
        var ids = new HashSet<String>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(upload)) {
            files.forEach(file -> ids.add(file.getFileName().toString()));
        } catch (IOException | DirectoryIteratorException e) {
            log.warn("Files of old uploads stay for now", e);
        }
        return ids;
    }

    /** A second name of an upload's file, so that the upload outlives a failure between moving and storing. */
    Path secondName(String uploadId) throws IOException {
        var name = work.resolve(uploadId + SECOND_NAME);
        Files.deleteIfExists(name);
        try {
            return Files.createLink(name, upload(uploadId));
        } catch (UnsupportedOperationException | FileSystemException e) {
            return Files.copy(upload(uploadId), name);
        }
    }

    /** A name for something that is being made. */
    Path work(String name) {
        return work.resolve(name);
    }

    /**
     * Moves a finished file in under its hash. Both file and name are on the disk when this returns.
     *
     * @return whether it is new; otherwise the file given was dropped, since its content was there already
     */
    boolean keepCanonical(Path file, ContentHash hash) throws IOException {
        return keep(file, canonical, hash);
    }

    /** As {@link #keepCanonical}, for a file as it was uploaded. */
    boolean keepOriginal(Path file, ContentHash hash) throws IOException {
        return keep(file, original, hash);
    }

    /** Takes back a file of a recording that could not be stored. */
    void forgetCanonical(ContentHash hash) throws IOException {
        Files.deleteIfExists(canonical.resolve(hash.hex()));
    }

    /** Takes back a file of a recording that could not be stored. */
    void forgetOriginal(ContentHash hash) throws IOException {
        Files.deleteIfExists(original.resolve(hash.hex()));
    }

    private static boolean keep(Path file, Path folder, ContentHash hash) throws IOException {
        var target = folder.resolve(hash.hex());
        if (Files.exists(target)) {
            Files.delete(file);
            return false;
        }
        DurableFile.move(file, target);
        return true;
    }

    private static Optional<Path> existing(Path folder, ContentHash hash) {
        var file = folder.resolve(hash.hex());
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    private static void clear(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (var file : files) {
                Files.delete(file);
            }
        }
    }
}

package vn.loalang.audio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.FileSystemUtils;

/** Sounds that come with the program, as files that can be taken into the audio store. */
public final class Samples {
    private static final String DIRECTORY = "audio-samples/";

    private Samples() {}

    /** What becomes of a sample. */
    public interface Storing {
        /** The file has the sample's name and is gone afterwards. */
        Recording store(Path file) throws IOException;
    }

    /** Whether the program comes with a sample of this name. */
    public static boolean exists(String name) {
        return new ClassPathResource(DIRECTORY + name).exists();
    }

    /** Stores the sample of this name. */
    public static Recording store(String name, Storing storing) throws IOException {
        var folder = Files.createTempDirectory("loalang-sample-");
        try (var in = new ClassPathResource(DIRECTORY + name).getInputStream()) {
            var file = folder.resolve(name);
            Files.copy(in, file);
            return storing.store(file);
        } finally {
            FileSystemUtils.deleteRecursively(folder);
        }
    }
}

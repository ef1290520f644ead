package vn.loalang.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.springframework.test.context.DynamicPropertyRegistry;
import vn.loalang.protocol.SystemId;

/** What belongs into the safe, for tests that open it. */
final class Safe {
    private Safe() {}

    /**
     * Makes a deployment's keys before its server starts, in a data directory of its own.
     *
     * @param name of the deployment
     * @return the passphrase of the sealed keys, which nobody is told again
     */
    static String keysMadeBefore(DynamicPropertyRegistry registry, String name) throws IOException {
        var data = Files.createTempDirectory(Files.createDirectories(Path.of("target", "test-data")), name)
                .toAbsolutePath();
        var passphrase = new AtomicReference<String>();
        KeyStore.create(data.resolve("keys"), new SystemId(name), Instant.now(), passphrase::set);
        registry.add("loalang.data-path", data::toString);
        return passphrase.get();
    }
}

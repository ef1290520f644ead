package vn.loalang;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** Gives every test context its own data directory below {@code target} and free ports, unless the test says otherwise. */
public final class TestEnvironment implements EnvironmentPostProcessor, Ordered {
    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        environment
                .getPropertySources()
                .addLast(new MapPropertySource(
                        "testEnvironment",
                        Map.of(
                                "loalang.data-dir", newDirectory().toString(),
                                "loalang.web.http-port", "0",
                                "loalang.broker.start", "false",
                                "loalang.broker.port", "0",
                                "loalang.broker.tls-port", "0",
                                "loalang.access.bcrypt-strength", "4",
                                "loalang.emergency.examples", "false",
                                "loalang.emergency.drill-words", "false",
                                "demo", "false")));
    }

    private static Path newDirectory() {
        try {
            var parent = Files.createDirectories(Path.of("target", "test-data"));
            return Files.createTempDirectory(parent, "server").toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE - 10;
    }
}

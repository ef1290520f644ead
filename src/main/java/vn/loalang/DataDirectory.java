package vn.loalang;

import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/** Makes {@code loalang.data-dir} absolute as {@code loalang.data-path}: H2 refuses relative paths that do not say so. */
final class DataDirectory implements EnvironmentPostProcessor, Ordered {
    DataDirectory() {}

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        var directory = Path.of(environment.getProperty("loalang.data-dir", "data"))
                .toAbsolutePath()
                .normalize();
        environment
                .getPropertySources()
                .addLast(new MapPropertySource("dataDirectory", Map.of("loalang.data-path", directory.toString())));
    }

    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }
}

package vn.loalang.area;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What the whole server is told at start, under {@code loalang}.
 *
 * @param dataPath absolute directory of everything the server keeps; given as {@code loalang.data-dir} (default {@code data})
 * @param publicHost name or address by which controllers and browsers reach this machine; null lets them use any of its
 *     addresses
 */
@ConfigurationProperties("loalang")
public record ServerSettings(Path dataPath, @Nullable String publicHost) {}

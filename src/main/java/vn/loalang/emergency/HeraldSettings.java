package vn.loalang.emergency;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings under {@code loalang.emergency.herald}: who else is told about alerts, to pass it on by SMS, e-mail or whatever the
 * place has. Nothing is told while neither is set.
 *
 * @param url where each notice is posted as JSON; an answer of 200 to 299 takes it
 * @param command a programme with its arguments that gets each notice as JSON on its standard input; exit code 0 takes it
 * @param after how long after its airing the silent poles of an alert are told
 * @param timeout how long one attempt may last
 * @param attempts how often a notice is tried before it is given up, twice as long apart each time beginning with 5 s
 */
@ConfigurationProperties("loalang.emergency.herald")
record HeraldSettings(
        @Nullable URI url,
        @DefaultValue List<String> command,
        @DefaultValue("60s") Duration after,
        @DefaultValue("20s") Duration timeout,
        @DefaultValue("6") int attempts) {
    HeraldSettings {
        command = List.copyOf(command);
        if (url != null && !("https".equals(url.getScheme()) || "http".equals(url.getScheme()))) {
            throw new IllegalArgumentException("loalang.emergency.herald.url must begin with https:// or http://");
        }
        if (attempts < 1 || attempts > 20 || timeout.isNegative() || timeout.isZero() || after.isNegative()) {
            throw new IllegalArgumentException(
                    "loalang.emergency.herald: attempts 1 to 20, timeout above 0, after not below 0");
        }
    }

    boolean silent() {
        return url == null && command.isEmpty();
    }
}

package vn.loalang.conformance;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import vn.loalang.protocol.DeviceId;

/**
 * What to test, and how.
 *
 * @param broker where the broker listens
 * @param ca PEM file of the authority behind the broker's certificate: broker and controllers then speak TLS; empty for neither
 * @param user the kit's own login at the broker, also its client id; empty for none
 * @param password of that login
 * @param controller the command that starts the controller, word by word, with placeholders {@code {claim}} …
 * @param label finds out which box a fresh data directory is; empty learns it from a first connection
 * @param enrol told id and password of each box before it connects, for brokers with accounts
 * @param work directory for data of the boxes under test
 * @param profiles the profiles to run
 * @param only names or tags of the tests to run; empty runs all of the profiles
 * @param power cuts and restores a real box's power instead of killing the process: called with {@code off} or {@code on}
 * @param capture where a real box's sound is captured, instead of {@code {wav}}
 * @param lanes how many controllers run at once
 * @param seed of what the proxy loses, doubles and delays by chance
 * @param clock the machine's clock
 */
public record Settings(
        InetSocketAddress broker,
        Optional<Path> ca,
        String user,
        String password,
        List<String> controller,
        Optional<Function<Path, DeviceId>> label,
        BiConsumer<DeviceId, String> enrol,
        Path work,
        Set<String> profiles,
        Set<String> only,
        Optional<List<String>> power,
        Optional<Path> capture,
        int lanes,
        long seed,
        Clock clock) {
    public Settings {
        controller = List.copyOf(controller);
        profiles = Set.copyOf(profiles);
        only = Set.copyOf(only);
    }

    /** Whether the command takes this placeholder. */
    boolean has(String placeholder) {
        return controller.stream().anyMatch(word -> word.contains(placeholder));
    }
}

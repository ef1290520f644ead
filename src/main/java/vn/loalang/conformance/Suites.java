package vn.loalang.conformance;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** All tests of the kit. */
final class Suites {
    /** Each class is a lane: its tests share one controller, one after another. What takes long begins first, so that nobody waits for the last. */
    static final List<Class<?>> ALL = List.of(
            CoreFailOpen.class,
            Blocks.class,
            Stick.class,
            CoreSession.class,
            CoreLink.class,
            CoreJournal.class,
            Firmware.class,
            CoreSilence.class,
            CoreHands.class,
            CorePlan.class,
            CoreEmergency.class,
            Live.class,
            CoreDocuments.class,
            CorePower.class,
            CoreClears.class,
            CoreCommands.class,
            Soak.class);

    private Suites() {}

    /** One test. */
    record Case(Class<?> suite, Method method, Proves proves) {
        String name() {
            return suite.getSimpleName() + "." + method.getName();
        }

        boolean matches(Set<String> only) {
            if (only.isEmpty()) return true;
            return only.stream().anyMatch(word -> {
                var small = word.toLowerCase(Locale.ROOT);
                return name().toLowerCase(Locale.ROOT).equals(small)
                        || method.getName().toLowerCase(Locale.ROOT).equals(small)
                        || suite.getSimpleName().toLowerCase(Locale.ROOT).equals(small)
                        || isOf(word);
            });
        }

        boolean isOf(String rule) {
            return Arrays.stream(proves.value()).anyMatch(tag -> tag.equalsIgnoreCase(rule));
        }
    }

    /** All there are. */
    static List<Case> all() {
        return ALL.stream().flatMap(Suites::of).toList();
    }

    private static Stream<Case> of(Class<?> suite) {
        return Arrays.stream(suite.getDeclaredMethods())
                .flatMap(method -> Stream.ofNullable(method.getAnnotation(Proves.class))
                        .map(proves -> new Case(suite, method, proves)));
    }

    /** Tests of these profiles and, if any are named, of these names and tags; lane by lane. */
    static List<List<Case>> choose(Set<String> profiles, Set<String> only) {
        return ALL.stream()
                .map(suite -> of(suite)
                        .filter(test -> profiles.contains(test.proves().profile()) && test.matches(only))
                        // Those that need a box of their own come last, so that the others share the first.
                        .sorted(Comparator.comparing((Case c) -> c.proves().fresh())
                                .thenComparing(Case::name))
                        .toList())
                .filter(lane -> !lane.isEmpty())
                .toList();
    }
}

package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Names are read by hand for speed; the patterns of the protocol's text say which. */
class NamesTest {
    private static final String LETTERS = "abz019-.#AZ_é\n";

    private record Alphabet(Pattern pattern, Consumer<String> reader) {}

    @Test
    void namesAreTakenExactlyWhereTheirPatternsTakeThem() {
        var alphabets = List.of(
                new Alphabet(Pattern.compile("[a-z0-9-]{1,24}"), Sid::new),
                new Alphabet(Pattern.compile("[a-z0-9-]{1,16}"), Oid::new),
                new Alphabet(Pattern.compile("[a-z0-9-]{1,16}"), Cid::new),
                new Alphabet(Pattern.compile("[a-z0-9-]{1,16}"), SystemId::new),
                new Alphabet(Pattern.compile("[a-z0-9-]{1,16}"), JournalId::new),
                new Alphabet(Pattern.compile("[a-z][a-z0-9]{0,7}"), Kid::new),
                new Alphabet(Pattern.compile("[A-Z2-7]{16}"), DeviceId::new),
                new Alphabet(Pattern.compile("[a-z0-9-]{1,16}|[a-z0-9-]{1,24}#[0-9]{1,3}"), PlayId::new),
                new Alphabet(
                        Pattern.compile("(?=.{0,48}$)([a-z0-9]{1,12}(\\.[a-z0-9]{1,12})*)?", Pattern.DOTALL),
                        AreaPath::new));
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            var name = name(random);
            for (var alphabet : alphabets) {
                assertThat(isTaken(alphabet, name))
                        .as("%s by %s", name, alphabet.pattern())
                        .isEqualTo(alphabet.pattern().matcher(name).matches());
            }
        }
    }

    /** Mostly from few letters, so that long names are right now and then. */
    private static String name(Random random) {
        var letters = random.nextBoolean() ? "a1" : random.nextInt(3) == 0 ? "AZ27" : LETTERS;
        var name = new StringBuilder();
        for (int length = random.nextInt(52); length > 0; length--) {
            name.append(letters.charAt(random.nextInt(letters.length())));
        }
        if (random.nextInt(3) == 0 && name.length() > 2) name.setCharAt(random.nextInt(name.length()), '.');
        if (random.nextInt(3) == 0 && name.length() > 2) name.setCharAt(random.nextInt(name.length()), '#');
        return name.toString();
    }

    private static boolean isTaken(Alphabet alphabet, String name) {
        try {
            alphabet.reader().accept(name);
            return true;
        } catch (Refusal refused) {
            return false;
        }
    }
}

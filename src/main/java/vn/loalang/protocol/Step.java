package vn.loalang.protocol;

import java.util.Locale;
import java.util.Optional;

/** One step of what an order plays (§7 of PROTOCOL.md). */
public sealed interface Step {
    Json.Obj json();

    /** The tones every controller has. */
    enum Pattern {
        /** Rising and falling. */
        WAIL,
        /** Rising and falling fast. */
        YELP,
        /** One even tone. */
        STEADY;

        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Optional<Pattern> of(String wire) {
            for (Pattern pattern : values()) {
                if (pattern.wire().equals(wire)) {
                    return Optional.of(pattern);
                }
            }
            return Optional.empty();
        }
    }

    /** Whether this may be the name of a pin: 1 to 16 of a–z, 0–9 and -. */
    static boolean isPin(String name) {
        return !name.isEmpty()
                && name.length() <= 16
                && name.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }

    /** Reads a step: the first of {@code pin tone a} that is there; none of them or an unknown tone is {@link Unknown}. */
    static Step read(Json json) {
        if (!(json instanceof Json.Obj object)) {
            throw Refusal.sem("a step must be an object");
        }
        Fields fields = new Fields(object);
        if (fields.has("pin")) {
            return new Pin(fields.string("pin"));
        }
        if (fields.has("tone")) {
            Optional<Pattern> pattern = Pattern.of(fields.string("tone"));
            return pattern.isEmpty()
                    ? new Unknown()
                    : new Tone(
                            pattern.get(),
                            fields.small("n", 1, 20, 1),
                            fields.small("on", 1, 60, 10),
                            fields.small("off", 0, 60, 0));
        }
        if (fields.has("a")) {
            return new Sound(
                    Asset.read(fields.fields("a")),
                    fields.has("alt") ? Optional.of(fields.string("alt")) : Optional.empty());
        }
        return new Unknown();
    }

    /** A sound that {@code site.pins} names; missing, it sounds as tone {@code steady} [SIT-1]. */
    record Pin(String name) implements Step {
        public Pin {
            Refusal.unless(isPin(name), "a pin's name must be 1 to 16 of a–z, 0–9 and -");
        }

        @Override
        public Json.Obj json() {
            return Json.object().put("pin", name).build();
        }
    }

    /**
     * A built-in tone.
     *
     * @param pattern which
     * @param n blasts, 1–20
     * @param on length of a blast, 1–60 s
     * @param off silence between two blasts, 0–60 s
     */
    record Tone(Pattern pattern, int n, int on, int off) implements Step {
        /** What stands in for a sound that is not there [NOW-1]. */
        public static final Tone STEADY = new Tone(Pattern.STEADY, 1, 10, 0);

        public Tone {
            Refusal.inRange("n", n, 1, 20);
            Refusal.inRange("on", on, 1, 60);
            Refusal.inRange("off", off, 0, 60);
        }

        /** How long it lasts: n blasts with silence between them, ms. */
        public long millis() {
            return 1000L * (n * on + (n - 1) * off);
        }

        @Override
        public Json.Obj json() {
            return Json.object()
                    .put("tone", pattern.wire())
                    .put("n", n)
                    .put("on", on)
                    .put("off", off)
                    .build();
        }
    }

    /** A recording by its hash; not cached at {@code beg}, the pin {@code alt} sounds, or tone {@code steady} [NOW-1]. */
    record Sound(Asset asset, Optional<String> alt) implements Step {
        public Sound {
            Refusal.unless(alt.isEmpty() || isPin(alt.get()), "alt must name a pin");
        }

        @Override
        public Json.Obj json() {
            return Json.object()
                    .put("a", asset.json())
                    .putIf("alt", alt.map(Json::of).orElse(null))
                    .build();
        }
    }

    /** A step of a later revision; sounds as tone {@code steady} [NOW-1]. */
    record Unknown() implements Step {
        @Override
        public Json.Obj json() {
            return Json.object().build();
        }
    }
}

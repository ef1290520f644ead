package vn.loalang.protocol;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a command asks for (§7 of PROTOCOL.md). None of them makes programme sound. */
public sealed interface Op {
    /** The name on the wire, as in the event of the result. */
    String wire();

    /** {@code arg} on the wire. */
    Json.Obj arg();

    /** Start anew; refused {@code busy} while priority 60 or more sounds. */
    record Reboot() implements Op {
        @Override
        public String wire() {
            return "reboot";
        }

        @Override
        public Json.Obj arg() {
            return Json.object().build();
        }
    }

    /** A test beep of 1–3 s; refused {@code quiet} in quiet hours. */
    record Tone(int s) implements Op {
        public Tone {
            Refusal.inRange("arg.s", s, 1, 3);
        }

        @Override
        public String wire() {
            return "tone";
        }

        @Override
        public Json.Obj arg() {
            return Json.object().put("s", s).build();
        }
    }

    /** Blink the lamp for 1–60 s. */
    record Identify(int s) implements Op {
        public Identify {
            Refusal.inRange("arg.s", s, 1, 60);
        }

        @Override
        public String wire() {
            return "identify";
        }

        @Override
        public Json.Obj arg() {
            return Json.object().put("s", s).build();
        }
    }

    /** A silent check of line and amplifier. */
    record Measure() implements Op {
        @Override
        public String wire() {
            return "measure";
        }

        @Override
        public Json.Obj arg() {
            return Json.object().build();
        }
    }

    /** Tell something on {@code rep/{cid}}; {@code row} is there for {@link What#DOC} alone. */
    record Report(What what, Optional<Row> row) implements Op {
        /** What to tell. */
        public enum What {
            STATE,
            LOG,
            DOC;

            public String wire() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        public Report {
            Refusal.unless((what == What.DOC) == row.isPresent(), "arg.row belongs to a report of doc");
        }

        @Override
        public String wire() {
            return "report";
        }

        @Override
        public Json.Obj arg() {
            return Json.object()
                    .put("what", what.wire())
                    .putIf("row", row.map(asked -> Json.of(asked.wire())).orElse(null))
                    .build();
        }
    }

    /** A command of a later revision: answered {@code unsupported}. */
    record Unknown(String name) implements Op {
        private static final Pattern FORMAT = Pattern.compile("[a-z0-9_-]{1,16}");

        public Unknown {
            Refusal.unless(FORMAT.matcher(name).matches(), "op must be 1 to 16 of a–z, 0–9, _ and -");
        }

        @Override
        public String wire() {
            return name;
        }

        @Override
        public Json.Obj arg() {
            return Json.object().build();
        }
    }

    static Op read(Fields command) {
        String op = command.string("op");
        Fields arg = command.has("arg")
                ? command.fields("arg")
                : new Fields(Json.object().build());
        return switch (op) {
            case "reboot" -> new Reboot();
            case "tone" -> new Tone(arg.small("s", 1, 3));
            case "identify" -> new Identify(arg.small("s", 1, 60));
            case "measure" -> new Measure();
            case "report" -> report(arg);
            default -> new Unknown(op);
        };
    }

    private static Op report(Fields arg) {
        String what = arg.string("what");
        for (Report.What known : Report.What.values()) {
            if (known.wire().equals(what)) {
                return new Report(
                        known, known == Report.What.DOC ? Optional.of(Row.parse(arg.string("row"))) : Optional.empty());
            }
        }
        throw Refusal.sem("arg.what must be state, log or doc");
    }
}

package vn.loalang.protocol;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A small immutable JSON value. Objects keep the order of their members, so that what we write is the same bytes each
 * time. Read from bytes by {@link StrictJson}.
 */
public sealed interface Json {
    /** Appends the compact form. */
    void write(StringBuilder out);

    /** The compact form in UTF-8. */
    default byte[] bytes() {
        StringBuilder out = new StringBuilder();
        write(out);
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    static Obj.Builder object() {
        return new Obj.Builder();
    }

    static Str of(String value) {
        return new Str(value);
    }

    static Int of(long value) {
        return new Int(value);
    }

    static Bool of(boolean value) {
        return new Bool(value);
    }

    static Arr array(List<? extends Json> items) {
        return new Arr(List.copyOf(items));
    }

    static Arr strings(List<String> items) {
        return new Arr(items.stream().<Json>map(Str::new).toList());
    }

    static Arr integers(List<? extends Number> items) {
        return new Arr(
                items.stream().<Json>map(item -> new Int(item.longValue())).toList());
    }

    /** An object; {@code members} keeps the order of the text. */
    record Obj(Map<String, Json> members) implements Json {
        public Obj {
            members = members instanceof Own ? members : new Own(new LinkedHashMap<>(members));
        }

        /** Members that nobody else holds any more, and nobody may change: what was just read or built needs no copy. */
        static final class Own extends AbstractMap<String, Json> {
            private final Map<String, Json> members;

            Own(Map<String, Json> members) {
                this.members = members;
            }

            @Override
            public Set<Map.Entry<String, Json>> entrySet() {
                return Collections.unmodifiableMap(members).entrySet();
            }

            @Override
            public @Nullable Json get(Object name) {
                return members.get(name);
            }

            @Override
            public boolean containsKey(Object name) {
                return members.containsKey(name);
            }

            @Override
            public int size() {
                return members.size();
            }
        }

        public @Nullable Json get(String name) {
            return members.get(name);
        }

        public boolean has(String name) {
            return members.containsKey(name);
        }

        @Override
        public void write(StringBuilder out) {
            char separator = '{';
            for (Map.Entry<String, Json> member : members.entrySet()) {
                out.append(separator);
                Str.quote(member.getKey(), out);
                out.append(':');
                member.getValue().write(out);
                separator = ',';
            }
            out.append(members.isEmpty() ? "{}" : "}");
        }

        @Override
        public String toString() {
            StringBuilder out = new StringBuilder();
            write(out);
            return out.toString();
        }

        /** Collects members in the order they shall be written. */
        public static final class Builder {
            private Map<String, Json> members = new LinkedHashMap<>();
            private boolean built;

            public Builder put(String name, Json value) {
                if (built) {
                    members = new LinkedHashMap<>(members);
                    built = false;
                }
                members.put(name, value);
                return this;
            }

            public Builder put(String name, String value) {
                return put(name, new Str(value));
            }

            public Builder put(String name, long value) {
                return put(name, new Int(value));
            }

            public Builder put(String name, boolean value) {
                return put(name, new Bool(value));
            }

            /** Leaves the member out when there is no value. */
            public Builder putIf(String name, @Nullable Json value) {
                return value == null ? this : put(name, value);
            }

            public Builder putAll(Obj other) {
                other.members().forEach(this::put);
                return this;
            }

            public Obj build() {
                built = true;
                return new Obj(new Own(members));
            }
        }
    }

    /** An array. */
    record Arr(List<Json> items) implements Json {
        public Arr {
            items = List.copyOf(items);
        }

        @Override
        public void write(StringBuilder out) {
            out.append('[');
            for (int i = 0; i < items.size(); i++) {
                if (i > 0) {
                    out.append(',');
                }
                items.get(i).write(out);
            }
            out.append(']');
        }
    }

    /** A string without U+0000 and without lone surrogates [ENV-4]. */
    record Str(String value) implements Json {
        public Str {
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < value.length()
                        && Character.isLowSurrogate(value.charAt(i + 1));
                if (c == 0 || (Character.isSurrogate(c) && !pair)) {
                    throw new Refusal(ErrorCode.E_JSON, "a string holds U+0000 or a lone surrogate");
                }
                if (pair) {
                    i++;
                }
            }
        }

        @Override
        public void write(StringBuilder out) {
            quote(value, out);
        }

        private static boolean isPlain(char c) {
            return c >= 0x20 && c != '"' && c != '\\';
        }

        static void quote(String value, StringBuilder out) {
            out.append('"');
            int plain = 0;
            while (plain < value.length() && isPlain(value.charAt(plain))) {
                plain++;
            }
            out.append(value, 0, plain);
            for (int i = plain; i < value.length(); i++) {
                char c = value.charAt(i);
                switch (c) {
                    case '"' -> out.append("\\\"");
                    case '\\' -> out.append("\\\\");
                    case '\n' -> out.append("\\n");
                    case '\r' -> out.append("\\r");
                    case '\t' -> out.append("\\t");
                    default -> {
                        if (c < 0x20) {
                            out.append("\\u00")
                                    .append(Character.forDigit(c >> 4, 16))
                                    .append(Character.forDigit(c & 15, 16));
                        } else {
                            out.append(c);
                        }
                    }
                }
            }
            out.append('"');
        }
    }

    /** An integer within ±(2^53−1). */
    record Int(long value) implements Json {
        public Int {
            if (value > Limits.MAX_INTEGER || value < -Limits.MAX_INTEGER) {
                throw new Refusal(ErrorCode.E_JSON, "an integer beyond 2^53-1");
            }
        }

        @Override
        public void write(StringBuilder out) {
            out.append(value);
        }
    }

    /** A number with fraction or exponent; only in telemetry. */
    record Dec(BigDecimal value) implements Json {
        @Override
        public void write(StringBuilder out) {
            out.append(value.toPlainString());
        }
    }

    /** A truth value. */
    record Bool(boolean value) implements Json {
        @Override
        public void write(StringBuilder out) {
            out.append(value);
        }
    }

    /** The literal {@code null}. */
    record Null() implements Json {
        @Override
        public void write(StringBuilder out) {
            out.append("null");
        }
    }
}

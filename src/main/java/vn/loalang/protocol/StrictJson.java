package vn.loalang.protocol;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the one JSON object of a payload as [ENV-4] wants it: valid UTF-8 without BOM, nesting of at most
 * {@value Limits#JSON_DEPTH}, no name twice, integers within ±(2^53−1) without fraction, exponent or {@code -0}, no
 * U+0000 and no lone surrogate. Anything else is a {@link Refusal} with {@code E_JSON}.
 */
public final class StrictJson {
    private static final int LONGEST_NUMBER = 32;

    private final String text;
    private final boolean fractions;
    private int at;

    private StrictJson(String text, boolean fractions) {
        this.text = text;
        this.fractions = fractions;
    }

    /** Reads a payload of integers only; its first byte is the opening brace and its last byte the closing one. */
    public static Json.Obj parse(byte[] payload) {
        return read(payload, false);
    }

    /** The same, but numbers may have fractions and exponents, as telemetry needs. */
    public static Json.Obj parseWithFractions(byte[] payload) {
        return read(payload, true);
    }

    private static Json.Obj read(byte[] payload, boolean fractions) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload))
                    .toString();
        } catch (CharacterCodingException e) {
            throw bad("not UTF-8");
        }
        StrictJson reader = new StrictJson(text, fractions);
        if (reader.peek() != '{') {
            throw bad("a payload begins with {");
        }
        Json.Obj object = reader.object(1);
        reader.space();
        if (reader.at != text.length()) {
            throw bad("something follows the object");
        }
        return object;
    }

    private static Refusal bad(String detail) {
        return new Refusal(ErrorCode.E_JSON, detail);
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private char next() {
        if (at >= text.length()) {
            throw bad("ends too early");
        }
        return text.charAt(at++);
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private Json value(int depth) {
        space();
        char c = peek();
        return switch (c) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> new Json.Str(string());
            case 't' -> literal("true", new Json.Bool(true));
            case 'f' -> literal("false", new Json.Bool(false));
            case 'n' -> literal("null", new Json.Null());
            default -> number();
        };
    }

    private Json literal(String word, Json value) {
        if (!text.startsWith(word, at)) {
            throw bad("unknown word");
        }
        at += word.length();
        return value;
    }

    private Json.Obj object(int depth) {
        if (depth > Limits.JSON_DEPTH) {
            throw bad("nested deeper than " + Limits.JSON_DEPTH);
        }
        next();
        Map<String, Json> members = new LinkedHashMap<>();
        space();
        if (peek() == '}') {
            at++;
            return new Json.Obj(new Json.Obj.Own(members));
        }
        while (true) {
            space();
            if (peek() != '"') {
                throw bad("a name must be a string");
            }
            String name = new Json.Str(string()).value();
            space();
            if (next() != ':') {
                throw bad("a colon is missing");
            }
            if (members.put(name, value(depth + 1)) != null) {
                throw bad("a name occurs twice");
            }
            space();
            char c = next();
            if (c == '}') {
                return new Json.Obj(new Json.Obj.Own(members));
            }
            if (c != ',') {
                throw bad("a comma is missing");
            }
        }
    }

    private Json.Arr array(int depth) {
        if (depth > Limits.JSON_DEPTH) {
            throw bad("nested deeper than " + Limits.JSON_DEPTH);
        }
        next();
        List<Json> items = new ArrayList<>();
        space();
        if (peek() == ']') {
            at++;
            return new Json.Arr(items);
        }
        while (true) {
            items.add(value(depth + 1));
            space();
            char c = next();
            if (c == ']') {
                return new Json.Arr(items);
            }
            if (c != ',') {
                throw bad("a comma is missing");
            }
        }
    }

    private String string() {
        next();
        int from = at;
        while (at < text.length() && isPlain(text.charAt(at))) {
            at++;
        }
        if (peek() == '"') {
            return text.substring(from, at++);
        }
        StringBuilder out = new StringBuilder(text.substring(from, at));
        while (true) {
            char c = next();
            if (c == '"') {
                return out.toString();
            }
            if (c < 0x20) {
                throw bad("a control character in a string");
            }
            out.append(c == '\\' ? escape() : c);
        }
    }

    private static boolean isPlain(char c) {
        return c >= 0x20 && c != '"' && c != '\\';
    }

    private char escape() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw bad("unknown escape");
        };
    }

    private char unicode() {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            char c = next();
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw bad("an escape needs four hexadecimal digits");
            }
            code = (code << 4) | digit;
        }
        return (char) code;
    }

    private Json number() {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        int first = at;
        digits();
        int whole = at - first;
        if (whole == 0 || (whole > 1 && text.charAt(first) == '0')) {
            throw bad("not a value");
        }
        boolean integer = true;
        if (peek() == '.') {
            integer = false;
            at++;
            if (digits() == 0) {
                throw bad("a fraction needs digits");
            }
        }
        if (peek() == 'e' || peek() == 'E') {
            integer = false;
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            int exponent = digits();
            if (exponent == 0 || exponent > 3) {
                throw bad("an exponent needs one to three digits");
            }
        }
        String token = text.substring(start, at);
        if (token.length() > LONGEST_NUMBER) {
            throw bad("a number is too long");
        }
        if (integer) {
            if (token.equals("-0")) {
                throw bad("-0 is not an integer");
            }
            if (whole > 16) {
                throw bad("an integer beyond 2^53-1");
            }
            return new Json.Int(Long.parseLong(token));
        }
        if (!fractions) {
            throw bad("a number with fraction or exponent");
        }
        return new Json.Dec(new BigDecimal(token));
    }

    private int digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at - start;
    }
}

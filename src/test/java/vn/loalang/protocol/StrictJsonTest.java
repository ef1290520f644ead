package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonTest {
    private static Json.Obj parse(String text) {
        return StrictJson.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsEverythingThatIsAllowed() {
        Json.Obj json = parse("{ \"a\" : [ -9007199254740991 , 9007199254740991, 0 ],\t\"b\":{\"c\":null},"
                + "\"d\":[true,false],\r\n\"e\":\"Xã Ea H\\u0027leo \\ud83d\\ude00 \\\"\\\\\\/\\b\\f\\n\\r\\t\" }");
        assertThat(((Json.Str) json.get("e")).value()).isEqualTo("Xã Ea H'leo 😀 \"\\/\b\f\n\r\t");
        assertThat(((Json.Arr) json.get("a")).items())
                .containsExactly(Json.of(-9_007_199_254_740_991L), Json.of(9_007_199_254_740_991L), Json.of(0));
    }

    @Test
    void eightLevelsAreAllowedAndNineAreNot() {
        assertThat(parse("{\"a\":" + "[".repeat(7) + "]".repeat(7) + "}").has("a"))
                .isTrue();
        assertThatThrownBy(() -> parse("{\"a\":" + "[".repeat(8) + "]".repeat(8) + "}"))
                .isInstanceOf(Refusal.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "1",
                "{}x",
                " {}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":tru}",
                "{\"a\":-}",
                "{\"a\":--1}",
                "{\"a\":1.}",
                "{\"a\":.5}",
                "{\"a\":00}",
                "{\"a\":-01}",
                "{\"a\":99999999999999999999}",
                "{\"a\":-9007199254740992}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\\u00g0\"}",
                "{\"a\":\"\\ud800x\"}",
                "{\"\\u0000\":1}",
                "{\"\\ud800\":1}",
                "{\"a\":\"\n\"}",
                "{\"a\":\"",
                "{\"a\":[1",
                "{\"a\":1,\"a\":2}",
                "\uFEFF{}"
            })
    void refusesTheRestAsNotStrict(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.E_JSON));
    }

    @Test
    void fractionsAreForTelemetryAlone() {
        byte[] text = "{\"a\":-1.25,\"b\":2E3}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> StrictJson.parse(text)).isInstanceOf(Refusal.class);
        assertThat(StrictJson.parseWithFractions(text).get("a")).isEqualTo(new Json.Dec(new BigDecimal("-1.25")));
        assertThatThrownBy(() -> StrictJson.parseWithFractions("{\"a\":1e9999999}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void invalidUtf8IsRefused() {
        byte[][] wrong = {
            {'{', '"', (byte) 0xff, '"', ':', '1', '}'},
            {'{', '"', (byte) 0xc0, (byte) 0x80, '"', ':', '1', '}'},
            {'{', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', ':', '1', '}'}
        };
        for (byte[] bytes : wrong) {
            assertThatThrownBy(() -> StrictJson.parse(bytes)).isInstanceOf(Refusal.class);
        }
    }

    @Test
    void whateverIsWrittenIsReadBackTheSame() {
        Random random = new Random(42);
        for (int round = 0; round < 500; round++) {
            Json.Obj tree = object(random, 1);
            assertThat(StrictJson.parse(tree.bytes())).isEqualTo(tree);
        }
    }

    private static Json.Obj object(Random random, int depth) {
        Json.Obj.Builder object = Json.object();
        for (int i = random.nextInt(5); i > 0; i--) {
            object.put(text(random), value(random, depth + 1));
        }
        return object.build();
    }

    private static Json value(Random random, int depth) {
        int kind = random.nextInt(depth > Limits.JSON_DEPTH ? 4 : 6);
        return switch (kind) {
            case 0 -> Json.of(random.nextLong() >> (11 + random.nextInt(50)));
            case 1 -> Json.of(text(random));
            case 2 -> Json.of(random.nextBoolean());
            case 3 -> new Json.Null();
            case 4 -> object(random, depth);
            default -> {
                List<Json> items = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    items.add(value(random, depth + 1));
                }
                yield Json.array(items);
            }
        };
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            int point = 1 + random.nextInt(0x10fffe);
            text.appendCodePoint(point >= 0xd800 && point <= 0xdfff ? 'ệ' : point);
        }
        return text.toString();
    }

    @Test
    void garbageIsRefusedAndNothingElseIsThrown() {
        Random random = new Random(1);
        String alphabet = "{}[]\",:\\u0123456789-+.eEtrufalsn \n\u0001ệ";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder("{\"a\":");
            for (int i = random.nextInt(20); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            byte[] bytes = text.append('}').toString().getBytes(StandardCharsets.UTF_8);
            try {
                assertThat(StrictJson.parse(bytes)).isNotNull();
            } catch (Refusal refusal) {
                assertThat(refusal.code()).isEqualTo(ErrorCode.E_JSON);
            }
        }
    }
}

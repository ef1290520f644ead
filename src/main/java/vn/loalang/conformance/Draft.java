package vn.loalang.conformance;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.SigningKey;

/** A document before it is signed, right or wrong: the kit must be able to say what no honest type can hold. */
final class Draft {
    private final Map<String, Json> members = new LinkedHashMap<>();

    Draft(Json.Obj from) {
        members.putAll(from.members());
    }

    Draft put(String name, Json value) {
        members.put(name, value);
        return this;
    }

    Draft put(String name, String value) {
        return put(name, Json.of(value));
    }

    Draft put(String name, long value) {
        return put(name, Json.of(value));
    }

    Draft without(String name) {
        members.remove(name);
        return this;
    }

    long number(String name) {
        return members.get(name) instanceof Json.Int number ? number.value() : -1;
    }

    String text(String name) {
        return members.get(name) instanceof Json.Str text ? text.value() : "";
    }

    Json.Obj json() {
        return new Json.Obj(members);
    }

    /** The payload. */
    String payload() {
        return new String(json().bytes(), StandardCharsets.UTF_8);
    }

    /** The message under these keys. */
    byte[] by(SigningKey... keys) {
        return sign(payload(), keys);
    }

    /** Any payload under these keys. */
    static byte[] sign(String payload, SigningKey... keys) {
        return Envelope.compose(List.of(keys), payload.getBytes(StandardCharsets.UTF_8));
    }
}

package vn.loalang.protocol;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The JSON Schemas of {@code firmware-protocol/schemas}, read from disk without any network. */
final class Schemas {
    static final Path DIRECTORY = Path.of("firmware-protocol", "schemas");
    private static final String SUFFIX = ".schema.json";
    /** Where the files pretend to lie, so that their references find each other. */
    private static final String BASE = "https://gb1.invalid/schemas/";

    private static final Map<String, String> TEXTS = read();
    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12, builder -> builder.schemas(located()));

    private Schemas() {}

    private static Map<String, String> read() {
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                texts.put(name.substring(0, name.length() - SUFFIX.length()), Files.readString(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return texts;
    }

    private static Map<String, String> located() {
        Map<String, String> located = new TreeMap<>();
        TEXTS.forEach((name, text) -> located.put(BASE + name + SUFFIX, text));
        return located;
    }

    /** Texts by name, such as {@code now}. */
    static Map<String, String> texts() {
        return TEXTS;
    }

    /** What is wrong with a message by the schema of this name; nothing is right. */
    static List<String> violations(String name, byte[] json) {
        Schema schema = REGISTRY.getSchema(SchemaLocation.of(BASE + name + SUFFIX));
        return schema.validate(new String(json, StandardCharsets.UTF_8), InputFormat.JSON).stream()
                .map(Error::toString)
                .toList();
    }

    /** What is wrong with a schema by the meta-schema it names. */
    static List<String> violationsOfMetaSchema(String text) {
        return REGISTRY
                .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"))
                .validate(text, InputFormat.JSON)
                .stream()
                .map(Error::toString)
                .toList();
    }

    /** The schema for an upward message, a claim file or a signed document's payload. */
    static String nameFor(Json.Obj message) {
        if (message.get("typ") instanceof Json.Str typ) {
            return typ.value();
        }
        return message.has("roots") ? "claim" : "st";
    }

    /**
     * What is wrong with a message that a device would take: entries it leaves out [NOW-3] are left out before, because
     * the schema tells senders what is right.
     */
    static List<String> violations(Json.Obj message, List<Skipped> skipped) {
        return violations(nameFor(message), without(message, skipped).bytes());
    }

    private static Json.Obj without(Json.Obj message, List<Skipped> skipped) {
        if (skipped.isEmpty() || !(message.get("act") instanceof Json.Arr act)) {
            return message;
        }
        List<Integer> out = skipped.stream().map(Skipped::index).toList();
        List<Json> kept = new java.util.ArrayList<>();
        for (int i = 0; i < act.items().size(); i++) {
            if (!out.contains(i)) {
                kept.add(act.items().get(i));
            }
        }
        return Json.object().putAll(message).put("act", Json.array(kept)).build();
    }
}

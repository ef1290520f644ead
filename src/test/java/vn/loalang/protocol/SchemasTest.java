package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The machine-readable text is valid itself, and says what the vectors and our decoders say. */
class SchemasTest {
    private static final Path ASYNCAPI = Path.of("firmware-protocol", "asyncapi.yaml");
    /** Wrong only for the way it came or the key that signed it. */
    private static final Set<String> BY_CIRCUMSTANCE =
            Set.of("sem-plan-49h.gb1", "sem-plan-35d.gb1", "sem-now-above-key.gb1");

    /** Wrong for what members are to one another, or to the numbers of a machine; a schema cannot say it. */
    private static final Set<String> BY_RELATION = Set.of(
            "bad-hello-hi-far-below-lo.json",
            "bad-ev-n-again.json",
            "bad-ev-n-falls.json",
            "bad-need-miss-backwards.json",
            "bad-need-miss-falls.json",
            "bad-need-miss-overlaps.json",
            "bad-tel-beyond.json",
            "bad-claim-root-kid-twice.gbf",
            "bad-claim-root-key-twice.gbf",
            "bad-claim-root-small-order.gbf");

    private static final Map<String, Vectors.Vector> VECTORS = Vectors.generate();

    @TestFactory
    Stream<DynamicTest> everySchemaIsRightByTheMetaSchema() {
        return Schemas.texts().entrySet().stream()
                .map(schema -> DynamicTest.dynamicTest(
                        schema.getKey(), () -> assertThat(Schemas.violationsOfMetaSchema(schema.getValue()))
                                .isEmpty()));
    }

    @Test
    void everyTypeHasASchema() {
        assertThat(Schemas.texts().keySet())
                .containsAll(Stream.of(Typ.values()).map(Typ::wire).toList())
                .contains("hello", "st", "ev", "tel", "need", "rep", "claim", "common")
                .hasSize(Typ.values().length + 8);
    }

    @Test
    void theAsyncApiTextIsRightByItsOfficialSchema() throws IOException {
        Schema official;
        try (InputStream in = SchemasTest.class.getResourceAsStream("/asyncapi/asyncapi-3.0.0.schema.json")) {
            official = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                    .getSchema(in, InputFormat.JSON);
        }
        assertThat(official.validate(Files.readString(ASYNCAPI), InputFormat.YAML))
                .extracting(Error::toString)
                .isEmpty();
        assertThat(official.validate(
                        Files.readString(ASYNCAPI).replace("action: send", "action: shout"), InputFormat.YAML))
                .as("the official schema does look")
                .isNotEmpty();
    }

    @Test
    void theChannelsAreOurTopicsAndEveryMessageHasItsSchema() throws IOException {
        JsonNode text = new YAMLMapper().readTree(Files.readString(ASYNCAPI));
        Topics topics = new Topics(Vectors.SYS);
        Set<Topic.Kind> kinds = new HashSet<>();
        for (JsonNode channel : text.get("channels")) {
            String address = channel.get("address").asString();
            String topic = address.replace("{sys}", Vectors.SYS.value())
                    .replace("{id}", Vectors.ID.value())
                    .replace("{area}", Vectors.COMMUNE.value())
                    .replace("{by}", "x1")
                    .replace("{cid}", "c-1")
                    .replaceAll("\\{[hs]8}", "0123456789abcdef");
            Optional<Topic> parsed = topics.parse(topic);
            assertThat(parsed).as(address).isPresent();
            kinds.add(parsed.orElseThrow().kind());
        }
        assertThat(kinds).containsExactlyInAnyOrder(Topic.Kind.values());
        Set<String> referenced = new HashSet<>();
        for (JsonNode message : text.get("components").get("messages")) {
            if (message.has("payload")) {
                String file = message.get("payload").get("schema").get("$ref").asString();
                assertThat(ASYNCAPI.resolveSibling(file)).exists();
                referenced.add(file.replaceAll("schemas/|\\.schema\\.json", ""));
            }
        }
        Set<String> expected = new HashSet<>(Schemas.texts().keySet());
        expected.removeAll(List.of("common", "claim", "bundle")); // never on a topic
        assertThat(referenced).isEqualTo(expected);
        assertThat(text.get("operations").size()).isEqualTo(text.get("channels").size());
    }

    /** A message a device or a server takes is right by its schema. */
    @TestFactory
    Stream<DynamicTest> everyGoodVectorIsRightByItsSchema() {
        return VECTORS.values().stream()
                .filter(vector ->
                        vector.expect().equals("accept") || vector.expect().equals("read"))
                .filter(vector -> !vector.file().endsWith(".bin"))
                .map(vector -> DynamicTest.dynamicTest(vector.file(), () -> {
                    byte[] payload = Messages.payload(vector.bytes());
                    Json.Obj json = vector.file().startsWith("tel")
                            ? StrictJson.parseWithFractions(payload)
                            : StrictJson.parse(payload);
                    assertThat(Schemas.violations(json, Messages.skipped(json))).isEmpty();
                }));
    }

    /** What breaks a field table is refused by the decoder itself, not only by the order of checks. */
    @TestFactory
    Stream<DynamicTest> everyVectorThatBreaksATableIsRefusedByTheDecoder() {
        return VECTORS.values().stream()
                .filter(vector ->
                        vector.expect().equals("E_SEM") && vector.file().startsWith("sem-"))
                .filter(vector -> !BY_CIRCUMSTANCE.contains(vector.file()))
                .map(vector -> DynamicTest.dynamicTest(
                        vector.file(), () -> assertThatThrownBy(() -> Document.decode(Messages.payload(vector.bytes())))
                                .isInstanceOfSatisfying(Refusal.class, refusal -> assertThat(refusal.code())
                                        .isEqualTo(ErrorCode.E_SEM))));
    }

    /** Schemas that let everything pass would prove nothing: most wrong tables they refuse too. */
    @Test
    void theSchemasRefuseMostOfWhatBreaksATable() {
        List<Vectors.Vector> wrong = VECTORS.values().stream()
                .filter(vector ->
                        vector.expect().equals("E_SEM") && vector.file().startsWith("sem-"))
                .toList();
        List<String> missed = wrong.stream()
                .filter(vector -> {
                    Json.Obj json = StrictJson.parse(Messages.payload(vector.bytes()));
                    return Schemas.violations(Schemas.nameFor(json), json.bytes())
                            .isEmpty();
                })
                .map(Vectors.Vector::file)
                .toList();
        assertThat(missed)
                .as("relations between members, which a schema cannot say")
                .hasSizeLessThan(wrong.size() / 2);
    }

    /** What a server must not read, and no device take as its claim, is wrong by its schema as well. */
    @TestFactory
    Stream<DynamicTest> everyUnsignedVectorThatBreaksATableIsWrongByItsSchema() {
        return VECTORS.values().stream()
                .filter(vector ->
                        vector.expect().equals("E_SEM") && vector.file().matches("bad-.*\\.(json|gbf)"))
                .filter(vector -> !BY_RELATION.contains(vector.file()))
                .map(vector -> DynamicTest.dynamicTest(vector.file(), () -> assertThat(
                                Schemas.violations(vector.file().split("-")[1].replace(".json", ""), vector.bytes()))
                        .isNotEmpty()));
    }

    @Test
    void aMemberNobodyKnowsIsAllowedAndARangeIsKept() {
        Json.Obj plan = Vectors.standardPlan().json();
        assertThat(Schemas.violations(
                        "plan",
                        Json.object().putAll(plan).put("later", true).build().bytes()))
                .isEmpty();
        assertThat(Schemas.violations(
                        "plan",
                        Json.object().putAll(plan).put("till", "soon").build().bytes()))
                .isNotEmpty();
        assertThat(Schemas.violations(
                        "cfg",
                        Json.object()
                                .putAll(Vectors.cfgOf(Vectors.T0).json())
                                .put("ka", 29)
                                .build()
                                .bytes()))
                .isNotEmpty();
    }
}

package vn.loalang.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import vn.loalang.protocol.Json;

/** Results as files for machines: {@code conformance.json} and {@code TEST-conformance.xml} (JUnit). */
public final class Report {
    static final String JSON = "conformance.json";

    private final List<Result> results;
    private final Map<String, Standing> standings;

    public Report(List<Result> results) {
        var sorted = new ArrayList<>(results);
        sorted.sort(java.util.Comparator.comparing(Result::test));
        this.results = List.copyOf(sorted);
        this.standings = Standing.after(this.results);
    }

    /** How many ended so. */
    public long count(Outcome outcome) {
        return results.stream().filter(r -> r.outcome() == outcome).count();
    }

    /** The rules of the protocol of which this run shows so much. */
    public List<String> rules(Standing standing) {
        return standings.entrySet().stream()
                .filter(rule -> rule.getValue() == standing)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Both sums: of the tests, and of the rules. */
    public String summary() {
        return String.format(
                Locale.ROOT,
                "%d passed, %d failed, %d not supported, %d not observable;"
                        + " of %d rules %d proven, %d failed, %d not shown, %d not run, %d without a test in the kit",
                count(Outcome.PASS),
                count(Outcome.FAIL),
                count(Outcome.NOT_SUPPORTED),
                count(Outcome.NOT_OBSERVABLE),
                standings.size(),
                rules(Standing.PROVEN).size(),
                rules(Standing.FAILED).size(),
                rules(Standing.NOT_SHOWN).size(),
                rules(Standing.NOT_RUN).size(),
                rules(Standing.NO_TEST).size());
    }

    /**
     * Writes both files.
     *
     * @param seed with which the same faults come again
     */
    public void write(Path directory, String controller, long seed) throws IOException {
        Files.createDirectories(directory);
        Files.write(directory.resolve(JSON), json(controller, seed).bytes());
        Files.writeString(directory.resolve("TEST-conformance.xml"), xml(seed), StandardCharsets.UTF_8);
    }

    private Json.Obj json(String controller, long seed) {
        var summary = Json.object();
        for (var outcome : Outcome.values()) summary.put(outcome.wire(), count(outcome));
        var unproven = Json.object();
        for (var standing : Standing.values()) {
            if (standing != Standing.PROVEN) unproven.put(standing.wire(), Json.strings(rules(standing)));
        }
        return Json.object()
                .put("controller", controller)
                .put("seed", seed)
                .put("summary", summary.build())
                .put("proven", Json.strings(rules(Standing.PROVEN)))
                .put("unproven", unproven.build())
                .put(
                        "tests",
                        Json.array(results.stream()
                                .map(r -> Json.object()
                                        .put("test", r.test())
                                        .put("profile", r.profile())
                                        .put("rules", Json.strings(r.rules()))
                                        .put("outcome", r.outcome().wire())
                                        .put("detail", printable(r.detail()))
                                        .put("ms", r.millis())
                                        .build())
                                .toList()))
                .build();
    }

    private String xml(long seed) {
        var out = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.append(String.format(
                Locale.ROOT,
                "<testsuite name=\"conformance\" tests=\"%d\" failures=\"%d\" skipped=\"%d\" errors=\"0\" time=\"%.3f\">%n",
                results.size(),
                count(Outcome.FAIL),
                count(Outcome.NOT_SUPPORTED) + count(Outcome.NOT_OBSERVABLE),
                results.stream().mapToLong(Result::millis).sum() / 1000.0));
        out.append("  <properties>\n    <property name=\"seed\" value=\"" + seed + "\"/>\n");
        for (var standing : Standing.values()) {
            out.append(String.format(
                    Locale.ROOT,
                    "    <property name=\"rules.%s\" value=\"%s\"/>%n",
                    standing.wire(),
                    String.join(" ", rules(standing))));
        }
        out.append("  </properties>\n");
        for (var result : results) {
            var name = result.test();
            int dot = name.indexOf('.');
            out.append(String.format(
                    Locale.ROOT,
                    "  <testcase classname=\"%s\" name=\"%s\" time=\"%.3f\">",
                    escaped(name.substring(0, dot)),
                    escaped(name.substring(dot + 1) + " " + result.rules()),
                    result.millis() / 1000.0));
            var message = escaped(result.outcome().wire() + ": " + result.detail());
            switch (result.outcome()) {
                case PASS -> {}
                case FAIL -> out.append("<failure message=\"").append(message).append("\"/>");
                case NOT_SUPPORTED, NOT_OBSERVABLE ->
                    out.append("<skipped message=\"").append(message).append("\"/>");
            }
            out.append("</testcase>\n");
        }
        return out.append("</testsuite>\n").toString();
    }

    private static String printable(String text) {
        return text.replaceAll("[^\\x20-\\x7E\\u00A0-\\uD7FF\n]", "?");
    }

    private static String escaped(String text) {
        return printable(text)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("\n", "&#10;");
    }
}

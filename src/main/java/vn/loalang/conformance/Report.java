package vn.loalang.conformance;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import vn.loalang.protocol.Json;

/** Results as files for machines: {@code conformance.json} and {@code TEST-conformance.xml} (JUnit). */
public final class Report {
    private final List<Result> results;

    public Report(List<Result> results) {
        var sorted = new ArrayList<>(results);
        sorted.sort(java.util.Comparator.comparing(Result::test));
        this.results = List.copyOf(sorted);
    }

    /** How many ended so. */
    public long count(Outcome outcome) {
        return results.stream().filter(r -> r.outcome() == outcome).count();
    }

    /** Tags named by a test that did not pass: what this run leaves unproven. */
    public List<String> unproven() {
        var tags = new TreeSet<String>();
        results.stream().filter(r -> r.outcome() != Outcome.PASS).forEach(r -> tags.addAll(r.rules()));
        return List.copyOf(tags);
    }

    /** Tags all of whose tests passed. */
    public List<String> proven() {
        var tags = new TreeSet<String>();
        results.forEach(r -> tags.addAll(r.rules()));
        unproven().forEach(tags::remove);
        return List.copyOf(tags);
    }

    /** Writes both files. */
    public void write(Path directory, String controller) throws IOException {
        Files.createDirectories(directory);
        Files.write(directory.resolve("conformance.json"), json(controller).bytes());
        Files.writeString(directory.resolve("TEST-conformance.xml"), xml(), StandardCharsets.UTF_8);
    }

    private Json.Obj json(String controller) {
        var summary = Json.object();
        for (var outcome : Outcome.values()) summary.put(outcome.wire(), count(outcome));
        return Json.object()
                .put("controller", controller)
                .put("summary", summary.build())
                .put("unproven", Json.strings(unproven()))
                .put("proven", Json.strings(proven()))
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

    private String xml() {
        var out = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.append(String.format(
                Locale.ROOT,
                "<testsuite name=\"conformance\" tests=\"%d\" failures=\"%d\" skipped=\"%d\" errors=\"0\" time=\"%.3f\">%n",
                results.size(),
                count(Outcome.FAIL),
                count(Outcome.NOT_SUPPORTED) + count(Outcome.NOT_OBSERVABLE),
                results.stream().mapToLong(Result::millis).sum() / 1000.0));
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

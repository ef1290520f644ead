package vn.loalang.conformance;

import java.util.List;

/**
 * How one test ended.
 *
 * @param test its name, {@code Suite.method}
 * @param profile the profile it belongs to
 * @param rules tags it proves when it passes
 * @param detail why it did not pass; empty when it did
 * @param millis how long it took
 */
public record Result(String test, String profile, List<String> rules, Outcome outcome, String detail, long millis) {
    public Result {
        rules = List.copyOf(rules);
    }
}

package vn.loalang.protocol;

/**
 * How many signatures wide orders need [KEY-4].
 *
 * @param depth areas of this depth and above (nearer the root) need the quorum, 0–24
 * @param n signatures with distinct keys; 1 switches it off, else 2
 */
public record Quorum(int depth, int n) {
    /** What holds when a deployment's keys say nothing. */
    public static final Quorum DEFAULT = new Quorum(1, 2);

    /** No area is so deep. */
    private static final int DEEPEST = 24;

    public Quorum {
        Refusal.inRange("quorum.depth", depth, 0, DEEPEST);
        Refusal.inRange("quorum.n", n, 1, 2);
    }

    static Quorum read(Fields fields) {
        return new Quorum(fields.small("depth", 0, DEEPEST), fields.small("n", 1, 2));
    }

    Json.Obj json() {
        return Json.object().put("depth", depth).put("n", n).build();
    }
}

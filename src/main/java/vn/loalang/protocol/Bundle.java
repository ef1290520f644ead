package vn.loalang.protocol;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The table of contents of a USB stick, {@code /GB1/bundle.gb1} (§12 of PROTOCOL.md). Each document on it is signed by
 * itself and judged by itself.
 *
 * @param files what lies on the stick, at most 128
 */
public record Bundle(Head head, List<File> files) implements Document {
    /**
     * One file.
     *
     * @param name below {@code /GB1/}: {@code doc/{name}.gb1} or {@code asset/{h}}
     * @param h hash of its bytes
     * @param sz its bytes
     */
    public record File(String name, Hash h, long sz) {
        private static final Pattern DOCUMENT = Pattern.compile("doc/[A-Za-z0-9_.-]{1,64}\\.gb1");
        private static final String ASSET = "asset/";

        public File {
            Refusal.unless(
                    DOCUMENT.matcher(name).matches() || name.equals(ASSET + h.b64u()),
                    "files[].n must be doc/….gb1 or asset/ and its hash");
            Refusal.inRange("files[].sz", sz, 1, Limits.MAX_INTEGER);
        }

        public static File document(String name, byte[] message) {
            return new File("doc/" + name + ".gb1", Hash.of(message), message.length);
        }

        public static File asset(Asset asset) {
            return new File(ASSET + asset.h().b64u(), asset.h(), asset.sz());
        }

        public boolean isDocument() {
            return !name.startsWith(ASSET);
        }

        static File read(Fields fields) {
            return new File(
                    fields.string("n"), Hash.parse(fields.string("h")), fields.integer("sz", 1, Limits.MAX_INTEGER));
        }

        Json.Obj json() {
            return Json.object().put("n", name).put("h", h.b64u()).put("sz", sz).build();
        }
    }

    public Bundle {
        files = List.copyOf(files);
        Refusal.atMost("files", files.size(), Limits.BUNDLE_FILES);
        Set<String> seen = new HashSet<>();
        for (File file : files) {
            Refusal.unless(seen.add(file.name()), "files[] names a file twice");
        }
    }

    @Override
    public Typ typ() {
        return Typ.BUNDLE;
    }

    @Override
    public Optional<Row> row() {
        return Optional.empty();
    }

    static Bundle read(Head head, Fields fields) {
        return new Bundle(head, fields.objects("files", Limits.BUNDLE_FILES, File::read));
    }

    @Override
    public Json.Obj json() {
        return head.json(Typ.BUNDLE)
                .put("files", Json.array(files.stream().map(File::json).toList()))
                .build();
    }
}

package vn.loalang.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Json;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.StrictJson;

/** What an officer is asked to sign: documents, and the names by which the server calls what they speak of. */
final class ToSign {
    /** An order to several thousand single poles. */
    private static final int LONGEST_FILE = 32_000_000;

    private static final int MOST_DOCUMENTS = 10_000;
    private static final int MOST_FILES = 10_000;

    private final List<Sheet> sheets = new ArrayList<>();
    private final Map<String, String> titles = new HashMap<>();
    private final Map<String, String> places = new HashMap<>();

    /**
     * One document.
     *
     * @param signed with the signature of a first officer; empty when nobody has signed it yet
     */
    record Sheet(Document document, Bytes payload, Optional<Envelope> signed) {}

    private ToSign() {}

    /** Nothing, for whoever signs what he has written himself. */
    static ToSign nothing() {
        return new ToSign();
    }

    /**
     * Reads files and folders of files as the API gives them and as {@code sign} writes them.
     *
     * @param in what {@code -} stands for
     * @throws vn.loalang.protocol.Refusal naming what the protocol does not allow
     * @throws IllegalArgumentException naming a limit
     */
    static ToSign read(List<Path> from, InputStream in) throws IOException {
        var wanted = new ToSign();
        for (var path : from) {
            if (path.toString().equals("-")) {
                wanted.add("-", SmallFile.read(in, "-", LONGEST_FILE));
            } else if (Files.isDirectory(path)) {
                for (var file : files(path)) {
                    wanted.add(file.toString(), SmallFile.read(file, LONGEST_FILE));
                }
            } else {
                wanted.add(path.toString(), SmallFile.read(path, LONGEST_FILE));
            }
        }
        if (wanted.sheets.isEmpty()) {
            throw new IllegalArgumentException("Không có văn bản nào để ký / nothing to sign here");
        }
        return wanted;
    }

    List<Sheet> sheets() {
        return List.copyOf(sheets);
    }

    /** What the server calls this order; no signature stands behind it. */
    Optional<String> title(String sid) {
        return Optional.ofNullable(titles.get(sid));
    }

    /** What the server calls this place; no signature stands behind it. */
    Optional<String> place(String scope) {
        return Optional.ofNullable(places.get(scope));
    }

    private static List<Path> files(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            var found = files.filter(file ->
                            file.toString().endsWith(".json") || file.toString().endsWith(".gb1"))
                    .sorted()
                    .limit(MOST_FILES + 1L)
                    .toList();
            if (found.size() > MOST_FILES) {
                throw new IllegalArgumentException(
                        directory + ": hơn " + MOST_FILES + " tệp / more than " + MOST_FILES + " files");
            }
            return found;
        }
    }

    private void add(String name, byte[] content) {
        var end = content.length;
        while (end > 0 && " \t\r\n".indexOf(content[end - 1]) >= 0) {
            end--;
        }
        var bytes = Arrays.copyOf(content, end);
        if (end == 0) {
            throw new IllegalArgumentException(name + ": tệp rỗng / empty");
        }
        if (bytes[0] != '{') {
            var envelope = Envelope.parse(bytes);
            add(name, envelope.payload().toArray(), Optional.of(envelope));
            return;
        }
        var json = StrictJson.parse(bytes);
        if (json.has("typ")) {
            add(name, bytes, Optional.empty());
        } else if (json.get("documents") instanceof Json.Obj documents) {
            if (json.get("oid") instanceof Json.Str oid && json.get("title") instanceof Json.Str title) {
                titles.put(oid.value(), title.value());
            }
            if (json.get("places") instanceof Json.Obj named) {
                named.members().forEach((scope, place) -> {
                    if (place instanceof Json.Str text) {
                        places.put(scope, text.value());
                    }
                });
            }
            documents.members().forEach((scope, payload) -> {
                if (!(payload instanceof Json.Str text)) {
                    throw new IllegalArgumentException(
                            name + ": documents[" + scope + "] không phải chuỗi / no string");
                }
                add(name, text.value().getBytes(StandardCharsets.UTF_8), Optional.empty());
            });
        } else {
            throw new IllegalArgumentException(name + ": không phải văn bản, cũng không phải trả lời của máy chủ / "
                    + "neither a document nor an answer of the server");
        }
    }

    private void add(String name, byte[] payload, Optional<Envelope> signed) {
        if (payload.length > Limits.DEVICE_MESSAGE) {
            throw new IllegalArgumentException(name + ": văn bản dài quá " + Limits.DEVICE_MESSAGE
                    + " byte / a document longer than " + Limits.DEVICE_MESSAGE + " bytes");
        }
        sheets.add(new Sheet(Document.decode(payload), Bytes.of(payload), signed));
        if (sheets.size() > MOST_DOCUMENTS) {
            throw new IllegalArgumentException(
                    name + ": hơn " + MOST_DOCUMENTS + " văn bản / more than " + MOST_DOCUMENTS + " documents");
        }
    }
}

package vn.loalang.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's own files, as tests look at them. */
final class Sources {
    static final Path JAVA = Path.of("src/main/java/vn/loalang");
    static final Path RESOURCES = Path.of("src/main/resources");

    private static final Pattern LITERAL =
            Pattern.compile("\"\"\"(.*?)\"\"\"|\"((?:\\\\.|[^\"\\\\\\n])*)\"", Pattern.DOTALL);

    private Sources() {}

    static List<Path> files(Path root, String ending) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Contents of the string literals and text blocks, in order, spaces folded. */
    static List<String> literals(Path java) {
        var found = new ArrayList<String>();
        var matcher = LITERAL.matcher(text(java));
        while (matcher.find()) {
            var literal = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
            found.add(literal.replaceAll("\\s+", " "));
        }
        return found;
    }

    /** The module a main source belongs to; empty for the root package. */
    static String module(Path java) {
        var relative = JAVA.relativize(java);
        return relative.getNameCount() > 1 ? relative.getName(0).toString() : "";
    }
}

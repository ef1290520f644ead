package vn.loalang.audio;

import java.text.Normalizer;

/** File names as strangers send them, made fit to show. None of them ever becomes a path. */
final class FileNames {
    private static final int LONGEST = 120;

    private FileNames() {}

    /** The last part of a path, without what is invisible or turns the direction of writing; never blank. */
    static String clean(String sent) {
        var last = sent.substring(Math.max(sent.lastIndexOf('/'), sent.lastIndexOf('\\')) + 1);
        var visible = new StringBuilder();
        Normalizer.normalize(last, Normalizer.Form.NFC)
                .codePoints()
                .filter(FileNames::isVisible)
                .limit(LONGEST)
                .forEach(visible::appendCodePoint);
        var name = visible.toString().strip();
        return name.isEmpty() || name.chars().allMatch(c -> c == '.') ? "audio" : name;
    }

    /** A first title for a file of this clean name. */
    static String title(String cleanName) {
        var dot = cleanName.lastIndexOf('.');
        var stem = dot > 0 ? cleanName.substring(0, dot) : cleanName;
        var words = stem.replace('_', ' ').strip();
        return words.isEmpty() ? cleanName : words;
    }

    private static boolean isVisible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}

package vn.loalang.protocol;

/** The alphabets of names. Names are read with every message, so no pattern is matched for them. */
final class Names {
    private Names() {}

    /** 1 to {@code longest} small letters, digits or hyphens. */
    static boolean isWord(String name, int longest) {
        return isWord(name, 0, name.length(), longest);
    }

    /** The same for the part from {@code from} to {@code to}, exclusive. */
    static boolean isWord(String name, int from, int to, int longest) {
        if (to <= from || to - from > longest) {
            return false;
        }
        for (int i = from; i < to; i++) {
            char c = name.charAt(i);
            if (!isSmall(c) && !isDigit(c) && c != '-') {
                return false;
            }
        }
        return true;
    }

    static boolean isSmall(char c) {
        return c >= 'a' && c <= 'z';
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}

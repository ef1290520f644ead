package vn.loalang.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that somebody hands to a command, read only as far as they may be long. */
final class SmallFile {
    private SmallFile() {}

    /**
     * The whole file, which may be a pipe.
     *
     * @param most bytes
     * @throws IllegalArgumentException naming file and limit when it is longer
     */
    static byte[] read(Path file, int most) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return read(in, file.toString(), most);
        }
    }

    /** The same of what is open already. */
    static byte[] read(InputStream in, String name, int most) throws IOException {
        var bytes = in.readNBytes(most + 1);
        if (bytes.length > most) {
            throw new IllegalArgumentException(name + ": dài quá " + most + " byte / longer than " + most + " bytes");
        }
        return bytes;
    }

    /** The same in UTF-8. */
    static String text(Path file, int most) throws IOException {
        return new String(read(file, most), StandardCharsets.UTF_8);
    }

    /** What is wrong, for a person before a screen. */
    static String problem(Exception wrong) {
        var what = wrong.getMessage();
        if (wrong instanceof NoSuchFileException) {
            return what + ": không có tệp / no such file";
        } else if (wrong instanceof FileAlreadyExistsException) {
            return what + ": tệp đã có, không ghi đè / exists already and is not written over";
        } else if (wrong instanceof AccessDeniedException) {
            return what + ": không có quyền / access denied";
        } else if (wrong instanceof IOException) {
            return "Không đọc hoặc ghi được / cannot be read or written: " + what;
        }
        return String.valueOf(what);
    }
}

package vn.loalang.area;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Files that are there whole or not at all, also after a power cut. */
public final class DurableFile {
    /** Permissions of what only the server's user may read. */
    public static final String SECRET = "rw-------";

    /** Permissions of what everyone on the machine may read. */
    public static final String READABLE = "rw-r--r--";

    /** Permissions of a folder into which only the server's user may look. */
    public static final String SECRET_FOLDER = "rwx------";

    private DurableFile() {}

    /**
     * Writes a file, in place of one of this name. Content and name are on the disk when this returns; until then the one
     * before stays as it was.
     *
     * @param permissions as {@code rw-------}, which hold before the first byte is written; without effect on Windows
     */
    public static void write(Path file, byte[] content, String permissions) throws IOException {
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh);
        restrict(fresh, permissions);
        Files.write(fresh, content);
        move(fresh, file);
    }

    /**
     * Gives a finished file its name, in place of one that has it. Content and name are on the disk when this returns.
     *
     * @param fresh on the same disk as the name
     */
    public static void move(Path fresh, Path file) throws IOException {
        try (var channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        // Windows cannot open folders, and does not need it.
        if (!System.getProperty("os.name", "").startsWith("Windows")) {
            var folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
            try (var names = FileChannel.open(folder, StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }

    /**
     * Says who may read a file or folder; without effect on Windows, where the data directory's own rights hold.
     *
     * @param permissions as {@code rw-------}
     */
    public static void restrict(Path path, String permissions) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        }
    }
}

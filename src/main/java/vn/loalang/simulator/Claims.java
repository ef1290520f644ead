package vn.loalang.simulator;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;

/** Reads the claim files of a simulated fleet from a directory or a ZIP file. */
final class Claims {
    private static final String SUFFIX = ".gbf";
    private static final String LIST = "devices.tsv";

    private Claims() {}

    /**
     * At most so many claim files, by name.
     *
     * @throws IOException if nothing can be read there
     */
    static List<ClaimFile> read(Path from, int most) throws IOException {
        if (Files.isDirectory(from)) return readAll(from, most);
        try (var zip = FileSystems.newFileSystem(from)) {
            return readAll(zip.getPath("/"), most);
        }
    }

    private static List<ClaimFile> readAll(Path directory, int most) throws IOException {
        var list = directory.resolve(LIST);
        return Files.exists(list) ? listed(list, most) : separate(directory, most);
    }

    /** As a server with a simulated fleet writes them: one claim file, and a line for what differs in each other one. */
    private static List<ClaimFile> listed(Path list, int most) throws IOException {
        var pattern = ClaimFile.decode(Files.readAllBytes(list.resolveSibling(ClaimFile.FILE_NAME)));
        var claims = new ArrayList<ClaimFile>();
        for (var line : Files.readAllLines(list)) {
            if (claims.size() == most) break;
            var fields = line.split("\t", -1);
            if (fields.length < 3) throw new IOException(list + " holds a line without id, seed and password");
            claims.add(new ClaimFile(
                    pattern.sys(),
                    new DeviceId(fields[0]),
                    pattern.t(),
                    pattern.roots(),
                    pattern.ca(),
                    pattern.broker(),
                    new ClaimFile.Credential.Password(fields[0], fields[2]),
                    pattern.apn(),
                    null));
        }
        return claims;
    }

    private static List<ClaimFile> separate(Path directory, int most) throws IOException {
        var paths = new ArrayList<Path>();
        try (var files = Files.list(directory)) {
            files.filter(file -> Objects.toString(file.getFileName()).endsWith(SUFFIX))
                    .sorted()
                    .limit(most)
                    .forEach(paths::add);
        }
        var claims = new ArrayList<ClaimFile>(paths.size());
        for (var path : paths) claims.add(sharing(ClaimFile.decode(Files.readAllBytes(path)), claims));
        return claims;
    }

    /** Ten thousand copies of the same certificates would cost more than the controllers. */
    private static ClaimFile sharing(ClaimFile file, List<ClaimFile> before) {
        if (before.isEmpty()) return file;
        var first = before.get(0);
        return new ClaimFile(
                file.sys().equals(first.sys()) ? first.sys() : file.sys(),
                file.id(),
                file.t(),
                file.roots().equals(first.roots()) ? first.roots() : file.roots(),
                file.ca().equals(first.ca()) ? first.ca() : file.ca(),
                file.broker().equals(first.broker()) ? first.broker() : file.broker(),
                file.cred(),
                file.apn(),
                file.pin());
    }
}

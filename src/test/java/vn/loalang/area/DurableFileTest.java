package vn.loalang.area;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {
    @TempDir
    private Path folder;

    @Test
    void aFileTakesThePlaceOfTheOneBeforeAndLeavesNothingBeside() throws IOException {
        var file = folder.resolve("thing");
        Files.writeString(folder.resolve("thing.new"), "half of an earlier att");
        DurableFile.write(file, "one".getBytes(StandardCharsets.UTF_8), DurableFile.SECRET);
        DurableFile.write(file, "two".getBytes(StandardCharsets.UTF_8), DurableFile.SECRET);
        assertThat(file).hasContent("two");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aSecretIsReadableByItsOwnerOnly() throws IOException {
        assumeThat(folder.getFileSystem().supportedFileAttributeViews()).contains("posix");
        var file = folder.resolve("secret");
        DurableFile.write(file, new byte[0], DurableFile.SECRET);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void whatIsNotThereTakesNobodysPlace() throws IOException {
        var file = Files.writeString(folder.resolve("thing"), "one");
        assertThatThrownBy(() -> DurableFile.move(folder.resolve("gone"), file))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(file).hasContent("one");
    }
}

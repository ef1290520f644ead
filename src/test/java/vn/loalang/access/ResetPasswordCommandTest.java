package vn.loalang.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ResetPasswordCommandTest {
    @TempDir
    Path data;

    final StringWriter printed = new StringWriter();

    String url() {
        return "jdbc:h2:file:" + data.resolve("loalang") + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE";
    }

    @BeforeEach
    void aStoppedServer() throws Exception {
        Flyway.configure()
                .dataSource(url(), "sa", "")
                .locations("classpath:db/migration/area", "classpath:db/migration/access")
                .load()
                .migrate();
        try (var connection = DriverManager.getConnection(url(), "sa", "");
                var insert = connection.createStatement()) {
            insert.execute("""
                    insert into access_person (login, name, password_hash, must_change, created_at)
                    values ('admin', 'A', 'lost', false, current_timestamp)""");
        }
    }

    @Test
    void aNewOneTimePasswordIsPrintedAndLogged() throws Exception {
        assertThat(run()).isZero();
        var password = printed.toString().strip().replaceAll(".*: ", "");
        try (var connection = DriverManager.getConnection(url(), "sa", "");
                var query = connection.createStatement()) {
            var person = query.executeQuery("select password_hash, must_change, credential_version from access_person");
            assertThat(person.next()).isTrue();
            assertThat(new Passwords(new AccessSettings(4)).matches(password, person.getString(1)))
                    .isTrue();
            assertThat(person.getBoolean(2)).isTrue();
            assertThat(person.getInt(3)).as("open sessions end").isOne();
            var entry = query.executeQuery("select action, address from access_audit");
            assertThat(entry.next()).isTrue();
            assertThat(entry.getString(1)).isEqualTo("access.passwordReset");
        }
    }

    @Test
    void nobodyElseIsTouched() {
        assertThat(run("--user", "nobody")).isEqualTo(1);
        assertThat(printed.toString()).contains("nobody");
    }

    @Test
    void aRunningServerIsLeftAlone() throws Exception {
        try (var channel = FileChannel.open(data.resolve("loalang.mv.db"), StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThat(run()).isEqualTo(2);
        }
        assertThat(printed.toString()).contains("dừng máy chủ");
    }

    @Test
    void aWrongDirectoryIsSaid() {
        var exit = new CommandLine(command())
                .execute("--data-dir", data.resolve("elsewhere").toString());
        assertThat(exit).isEqualTo(1);
        assertThat(printed.toString()).contains("No database here");
    }

    private int run(String... arguments) {
        var all = new String[arguments.length + 2];
        all[0] = "--data-dir";
        all[1] = data.toString();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return new CommandLine(command()).execute(all);
    }

    private ResetPasswordCommand command() {
        return new ResetPasswordCommand(
                Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC), new PrintWriter(printed, true));
    }
}

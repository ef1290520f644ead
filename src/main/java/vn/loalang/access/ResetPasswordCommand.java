package vn.loalang.access;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Gives somebody a new one-time password on the machine itself, for the day the administrator's is lost. */
@Command(
        name = "reset-password",
        mixinStandardHelpOptions = true,
        description =
                "Đặt lại mật khẩu trên máy chủ (dừng máy chủ trước). Sets a new one-time password; stop the server first.")
public final class ResetPasswordCommand implements Callable<Integer> {
    private static final int H2_LOCKED = 90020;

    @Option(names = "--user", defaultValue = "admin", description = "Tên đăng nhập / login (mặc định / default: admin)")
    private String login = "admin";

    @Option(
            names = "--data-dir",
            defaultValue = "data",
            description = "Thư mục dữ liệu / data directory (default: data)")
    private Path dataDirectory = Path.of("data");

    private final Clock clock;
    private final PrintWriter out;

    /** @param clock dates the entry in the audit log */
    public ResetPasswordCommand(Clock clock) {
        this(clock, new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    }

    ResetPasswordCommand(Clock clock, PrintWriter out) {
        this.clock = clock;
        this.out = out;
    }

    /** Exit code 0 when done, 1 when there is no such person or database, 2 when the server still runs. */
    @Override
    public Integer call() throws SQLException {
        var file = dataDirectory.toAbsolutePath().normalize().resolve("loalang");
        if (!Files.exists(Path.of(file + ".mv.db"))) {
            out.println("Không thấy cơ sở dữ liệu / No database here: " + file + ".mv.db");
            return 1;
        }
        var url = "jdbc:h2:file:" + file + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;IFEXISTS=TRUE;WRITE_DELAY=0";
        try (var connection = DriverManager.getConnection(url, "sa", "")) {
            connection.setAutoCommit(false);
            return reset(connection);
        } catch (SQLException e) {
            if (e.getErrorCode() != H2_LOCKED) {
                throw e;
            }
            out.println("Máy chủ đang chạy: dừng máy chủ rồi thử lại. / The server is running: stop it first.");
            return 2;
        }
    }

    private int reset(Connection connection) throws SQLException {
        var user = login.strip().toLowerCase(Locale.ROOT);
        var password = Passwords.oneTime();
        try (var update = connection.prepareStatement("""
                update access_person set password_hash = ?, must_change = true, credential_version = credential_version + 1,
                  disabled_at = null where login = ?""")) {
            update.setString(1, new Passwords(new AccessSettings(12)).hash(password));
            update.setString(2, user);
            if (update.executeUpdate() == 0) {
                out.println("Không có người dùng / No such user: " + user);
                return 1;
            }
        }
        try (var forgive = connection.prepareStatement("delete from access_login_failure where throttle_key = ?")) {
            forgive.setString(1, "account " + user);
            forgive.executeUpdate();
        }
        try (var audit = connection.prepareStatement("""
                insert into access_audit (happened_at, person_name, address, action, subject, details)
                values (?, '-', 'console', 'access.passwordReset', ?, '')""")) {
            audit.setObject(1, clock.instant().atOffset(ZoneOffset.UTC));
            audit.setString(2, user);
            audit.executeUpdate();
        }
        connection.commit();
        sync(connection);
        out.println("Mật khẩu dùng một lần của / One-time password of " + user + ": " + password);
        return 0;
    }

    /** As {@code Durability} does in the server: printed means stored. */
    private static void sync(Connection connection) throws SQLException {
        try (PreparedStatement checkpoint = connection.prepareStatement("checkpoint sync")) {
            checkpoint.execute();
        }
    }
}

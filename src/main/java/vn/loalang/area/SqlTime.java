package vn.loalang.area;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Moments in SQL: every column is {@code timestamp with time zone}, and PostgreSQL's driver takes no {@link Instant}. */
public final class SqlTime {
    private SqlTime() {}

    /** The moment as a JDBC parameter. */
    public static OffsetDateTime of(Instant moment) {
        return moment.atOffset(ZoneOffset.UTC);
    }

    /** The moment as a JDBC parameter, null staying null. */
    public static @Nullable OffsetDateTime ofNullable(@Nullable Instant moment) {
        return moment == null ? null : of(moment);
    }

    /** A moment of a column that is never null. */
    public static Instant get(ResultSet row, String column) throws SQLException {
        return Objects.requireNonNull(getNullable(row, column), column);
    }

    /** A moment, or null. */
    public static @Nullable Instant getNullable(ResultSet row, String column) throws SQLException {
        var moment = row.getObject(column, OffsetDateTime.class);
        return moment == null ? null : moment.toInstant();
    }
}

package vn.loalang.access;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;

/** With which authority somebody speaks: that of the area whose role he has, also to places far below it. */
@Component
public final class Authorities {
    private final JdbcClient jdbc;

    Authorities(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** With which authority whoever has this scope speaks for all of these places; empty when he does not for one of them. */
    public Optional<Authority> of(AreaScope scope, Collection<AreaPath> places) {
        Authority lowest = null;
        var known = scope.roots().stream()
                .map(root -> new Ground(root, authority(root)))
                .toList();
        for (var place : places) {
            var best = known.stream()
                    .filter(ground -> ground.root().covers(place))
                    .map(Ground::authority)
                    .min(Comparator.naturalOrder());
            if (best.isEmpty()) {
                return Optional.empty();
            }
            lowest = lower(lowest, best.get());
        }
        return Optional.ofNullable(lowest);
    }

    private static Authority lower(@Nullable Authority one, Authority other) {
        return one == null || other.compareTo(one) > 0 ? other : one;
    }

    /** Whoever may do something everywhere speaks for the areas this station serves, else for the top of the tree. */
    private Authority authority(AreaPath root) {
        if (!root.equals(AreaPath.ROOT)) {
            return highest(jdbc.sql("select authority from area_area where path = :path")
                    .param("path", root.value())
                    .query((row, number) -> Authority.valueOf(row.getString(1)))
                    .list());
        }
        var served = jdbc.sql("""
                        select a.authority from area_station_area s join area_area a on a.id = s.area_id
                        where a.archived_at is null""")
                .query((row, number) -> Authority.valueOf(row.getString(1)))
                .list();
        return highest(
                served.isEmpty()
                        ? jdbc.sql("select authority from area_area where parent_id is null and archived_at is null")
                                .query((row, number) -> Authority.valueOf(row.getString(1)))
                                .list()
                        : served);
    }

    private static Authority highest(List<Authority> some) {
        return some.stream().min(Comparator.naturalOrder()).orElse(Authority.VILLAGE);
    }

    private record Ground(AreaPath root, Authority authority) {}
}

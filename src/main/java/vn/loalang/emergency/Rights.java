package vn.loalang.emergency;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.access.Access;
import vn.loalang.access.AreaScope;
import vn.loalang.access.Role;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.area.Refusal;

/**
 * Who speaks with which authority, and who may take back, stop or agree to an alert: whoever issued it, whoever speaks with the same
 * or a higher authority for all of its places, and for poles of his own, giving a reason, the leader.
 */
@Component
class Rights {
    private final Access access;
    private final JdbcClient jdbc;

    Rights(Access access, JdbcClient jdbc) {
        this.access = access;
        this.jdbc = jdbc;
    }

    /**
     * What somebody may do to an alert.
     *
     * @param stop take it back while it is counted down, or end it everywhere
     * @param silence end it on his own poles, with a reason
     * @param second agree to it
     */
    record Allowed(boolean stop, boolean silence, boolean second) {}

    /** Whoever is behind this request. */
    By me() {
        var me = access.me();
        return new By(me.personId(), me.name(), access.scope(Role.OPERATOR), access.scope(Role.APPROVER));
    }

    Allowed of(Alert alert, By by) {
        var same = speaksFor(alert, by.speaks()) || speaksFor(alert, by.leads());
        var issuer = by.personId() == alert.armedBy();
        return new Allowed(
                issuer || same,
                !issuer
                        && !same
                        && alert.villages().stream().anyMatch(it -> by.leads().covers(it.path())),
                alert.state() == AlertState.WAITING_SECOND && same && !issuer);
    }

    /** Whether somebody with a higher authority than this person's issued it. */
    boolean below(Alert alert, By by) {
        var paths = alert.villages().stream().map(Alert.Village::path).toList();
        return authority(by.speaks(), paths)
                .or(() -> authority(by.leads(), paths))
                .map(mine -> mine.compareTo(alert.authority()) > 0)
                .orElse(alert.authority().compareTo(Authority.PROVINCE) <= 0);
    }

    private boolean speaksFor(Alert alert, AreaScope scope) {
        var mine = authority(
                scope, alert.villages().stream().map(Alert.Village::path).toList());
        return mine.isPresent() && mine.get().compareTo(alert.authority()) <= 0;
    }

    /** With which authority whoever has this scope speaks for all of these places; empty when he does not for one of them. */
    Optional<Authority> authority(AreaScope scope, List<AreaPath> places) {
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

    /** Why this person may not air the message for real in these places; empty when he may. */
    Optional<Refusal> barred(ReadyMessage message, By by, List<AreaPath> places) {
        return message.defence() == null
                ? Optional.empty()
                : authority(by.speaks(), places).flatMap(message::barredTo);
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

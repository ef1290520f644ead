package vn.loalang.emergency;

import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import vn.loalang.access.Access;
import vn.loalang.access.AreaScope;
import vn.loalang.access.Authorities;
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
    private final Authorities authorities;

    Rights(Access access, Authorities authorities) {
        this.access = access;
        this.authorities = authorities;
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
        return authorities.of(scope, places);
    }

    /** Why this person may not air the message for real in these places; empty when he may. */
    Optional<Refusal> barred(ReadyMessage message, By by, List<AreaPath> places) {
        return message.defence() == null
                ? Optional.empty()
                : authority(by.speaks(), places).flatMap(message::barredTo);
    }
}

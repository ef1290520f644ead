package vn.loalang.delivery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.FleetBoard;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Scope;

/** The poles that documents of some scopes are for. */
@Component
class Addressees {
    private final Fleet fleet;
    private final FleetBoard board;
    private final Areas areas;

    Addressees(Fleet fleet, FleetBoard board, Areas areas) {
        this.fleet = fleet;
        this.board = board;
        this.areas = areas;
    }

    /** A box that hangs nowhere and an area that is no more stand for none; a pole named twice is one. */
    Set<ControllerId> of(Collection<Scope> scopes) {
        var units = new ArrayList<DeviceId>();
        var poles = new HashSet<ControllerId>();
        for (var scope : scopes) {
            if (scope instanceof Scope.Device device) {
                units.add(device.id());
            } else if (scope instanceof Scope.Area area) {
                areas.find(AreaPath.of(area.area().value()))
                        .ifPresent(found -> poles.addAll(fleet.standingIn(List.of(new AreaId(found.id())))));
            }
        }
        poles.addAll(fleet.controllersOf(units).values());
        return poles;
    }

    /** What people call these scopes, as far as they call them anything. */
    Map<Scope, String> names(Collection<Scope> scopes) {
        var hung = fleet.controllersOf(scopes.stream()
                .filter(Scope.Device.class::isInstance)
                .map(scope -> ((Scope.Device) scope).id())
                .toList());
        var poles = board.poles(hung.values());
        var names = new LinkedHashMap<Scope, String>();
        for (var scope : scopes) {
            if (scope instanceof Scope.Device device) {
                var pole = poles.get(hung.get(device.id()));
                if (pole != null) {
                    names.put(scope, pole.name());
                }
            } else if (scope instanceof Scope.Area area) {
                areas.find(AreaPath.of(area.area().value())).ifPresent(found -> names.put(scope, found.fullName()));
            }
        }
        return names;
    }
}

package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Standing;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Scope;

class ScopesTest {
    private static final String LETTERS = "ABCDEFGHIJ";

    @Test
    void scopesNameExactlyTheBoxesOfThePolesMeantWhateverIsMeant() {
        var random = new Random(11);
        for (int round = 0; round < 1_500; round++) {
            var all = province(random, 1 + random.nextInt(60));
            var named = new HashSet<AreaPath>();
            for (int i = random.nextInt(3); i > 0; i--) {
                named.add(ancestor(random, all.get(random.nextInt(all.size())).path()));
            }
            var share = random.nextDouble();
            var meant = all.stream()
                    .filter(pole ->
                            named.stream().anyMatch(area -> area.covers(pole.path())) || random.nextDouble() < share)
                    .toList();
            var scopes = Audiences.scopes(all, meant, named);
            assertThat(reached(all, scopes)).isEqualTo(boxes(meant));
            var twice = scopes.stream()
                    .filter(Scope.Area.class::isInstance)
                    .map(scope -> AreaPath.of(((Scope.Area) scope).area().value()))
                    .toList();
            for (var one : twice) {
                assertThat(twice.stream().filter(one::covers))
                        .as("no area below another")
                        .hasSize(1);
            }
        }
    }

    @Test
    void aWholeAreaThatAPersonNamedIsOneScope() {
        var random = new Random(12);
        var all = province(random, 400);
        var top = AreaPath.of("p");
        assertThat(Audiences.scopes(all, all, Set.of(top)))
                .containsExactly(Scope.of(new vn.loalang.protocol.AreaPath("p")));
        var commune = all.get(0).path().parent();
        var inside = all.stream().filter(pole -> commune.covers(pole.path())).toList();
        assertThat(Audiences.scopes(all, inside, Set.of(commune)))
                .containsExactly(Scope.of(new vn.loalang.protocol.AreaPath(commune.value())));
    }

    @Test
    void namingEveryVillageOfACommuneNamesTheCommune() {
        var all = List.of(pole(1, "p.c.1"), pole(2, "p.c.2"), pole(3, "p.c.2"), pole(4, "p.d.1"));
        var named = Set.of(AreaPath.of("p.c.1"), AreaPath.of("p.c.2"));
        assertThat(Audiences.scopes(all, all.subList(0, 3), named))
                .containsExactly(Scope.of(new vn.loalang.protocol.AreaPath("p.c")));
    }

    @Test
    void onlyWhatAPersonNamedIsNamedWhenNothingElseStandsAboveIt() {
        var all = List.of(pole(1, "p.c.1"), pole(2, "p.c.1"));
        assertThat(Audiences.scopes(all, all, Set.of(AreaPath.of("p.c.1"))))
                .containsExactly(Scope.of(new vn.loalang.protocol.AreaPath("p.c.1")));
        assertThat(Audiences.scopes(all, all, Set.of()))
                .as("chosen by tag or on the map")
                .containsExactly(Scope.of(new vn.loalang.protocol.AreaPath("p.c.1")));
        assertThat(Audiences.scopes(all, all, Set.of(AreaPath.of("p"))))
                .containsExactly(Scope.of(new vn.loalang.protocol.AreaPath("p")));
    }

    @Test
    void aSinglePoleIsNamedByItsBoxAndAPoleWithoutABoxByNothing() {
        var lonely = pole(1, "p.c.1");
        var bare = new Standing(
                new ControllerId(2), "", new AreaId(2), AreaPath.of("p.d.1"), "", null, null, false, Set.of());
        assertThat(Audiences.scopes(List.of(lonely, bare), List.of(lonely, bare), Set.of(AreaPath.of("p.x"))))
                .containsExactly(Scope.of(new vn.loalang.protocol.AreaPath("p")));
        assertThat(Audiences.scopes(List.of(lonely, bare), List.of(lonely), Set.of()))
                .containsExactly(Scope.of(device(1)));
        assertThat(Audiences.scopes(List.of(lonely, bare), List.of(bare), Set.of()))
                .isEmpty();
    }

    private static Set<DeviceId> reached(List<Standing> all, Set<Scope> scopes) {
        var reached = new HashSet<DeviceId>();
        for (var pole : all) {
            var unit = pole.unit();
            for (var scope : scopes) {
                var meant = scope instanceof Scope.Area area
                        ? AreaPath.of(area.area().value()).covers(pole.path())
                        : scope instanceof Scope.Device device && device.id().equals(unit);
                if (meant && unit != null) {
                    reached.add(unit);
                }
            }
        }
        return reached;
    }

    private static Set<DeviceId> boxes(List<Standing> poles) {
        return poles.stream().map(Standing::unit).filter(unit -> unit != null).collect(Collectors.toSet());
    }

    private static AreaPath ancestor(Random random, AreaPath path) {
        var at = path;
        for (int up = random.nextInt(path.depth()); up > 0; up--) {
            at = at.parent();
        }
        return at;
    }

    private static List<Standing> province(Random random, int poles) {
        var all = new ArrayList<Standing>();
        for (int i = 1; i <= poles; i++) {
            var path = "p." + random.nextInt(6) + "." + random.nextInt(5);
            all.add(random.nextInt(10) == 0 ? pole(i, path.substring(0, 3)) : pole(i, path));
        }
        return all;
    }

    private static Standing pole(long id, String path) {
        return new Standing(
                new ControllerId(id),
                "cột " + id,
                new AreaId(path.hashCode() & 0xFFFF),
                AreaPath.of(path),
                path,
                null,
                device(id),
                true,
                Set.of());
    }

    private static DeviceId device(long id) {
        var text = String.format(Locale.ROOT, "%06d", id)
                .chars()
                .mapToObj(c -> String.valueOf(LETTERS.charAt(c - '0')))
                .collect(Collectors.joining());
        return new DeviceId("AAAAAAAAAA" + text);
    }
}

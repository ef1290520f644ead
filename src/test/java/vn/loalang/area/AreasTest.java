package vn.loalang.area;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.transaction.annotation.Transactional;

@SpringBootTest
@Transactional
class AreasTest {
    @Autowired
    Areas areas;

    @Test
    void aVillagesPathContinuesItsCommunes() {
        var commune = areas.add(new NewArea(
                AreaPath.ROOT, "99329", "Tân Lập", "Xã Tân Lập", "commune", Authority.COMMUNE, List.of("vi"), null));
        var first = areas.add(NewArea.village(commune.path(), "99329-1", "Đồng Mới"));
        var other = areas.add(NewArea.village(commune.path(), "DM", "Đằng Xá"));
        var same = areas.add(NewArea.village(commune.path(), "D.M", "Ngự Xuân"));

        assertThat(first.path().value()).isEqualTo("99329.1");
        assertThat(other.path().value()).isEqualTo("99329.dm");
        assertThat(same.path().value()).as("dm is taken, so is 1").isEqualTo("99329.2");
        assertThat(areas.children(commune.path()))
                .extracting(Area::name)
                .containsExactly("Đằng Xá", "Đồng Mới", "Ngự Xuân");
        assertThat(areas.within(commune.path())).hasSize(4);
        assertThat(areas.trail(first.path())).extracting(Area::code).containsExactly("99329", "99329-1");
    }

    @Test
    void aCodeIsNobodyElses() {
        areas.add(NewArea.village(AreaPath.ROOT, "x1", "A"));
        assertThatThrownBy(() -> areas.add(NewArea.village(AreaPath.ROOT, "x1", "B")))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.field()).isEqualTo("code"));
    }

    @Test
    void theArchiveKeepsWhatHasNothingBelow() {
        var top = areas.add(NewArea.village(AreaPath.ROOT, "x2", "A"));
        var below = areas.add(NewArea.village(top.path(), "x21", "B"));

        assertThatThrownBy(() -> areas.archive(top.path())).isInstanceOf(Refusal.class);
        areas.archive(below.path());
        areas.archive(top.path());
        assertThat(areas.find(top.path()).orElseThrow().active()).isFalse();
        assertThat(areas.within(top.path())).isEmpty();
    }

    @Test
    void quietHoursComeFromTheNearestAreaThatHasSome() {
        var top = areas.add(NewArea.village(AreaPath.ROOT, "x3", "A"));
        var below = areas.add(NewArea.village(top.path(), "x31", "B"));

        assertThat(areas.quietHours(below.path())).isEqualTo(QuietHours.DEFAULT);
        var early = new QuietHours(LocalTime.of(20, 0), LocalTime.of(6, 0));
        areas.setQuietHours(top.path(), early);
        assertThat(areas.quietHours(below.path())).isEqualTo(early);
        areas.setQuietHours(below.path(), QuietHours.OFF);
        assertThat(areas.quietHours(below.path()).off()).isTrue();
        var other = areas.add(NewArea.village(AreaPath.ROOT, "x32", "C"));
        var all = List.of(top.path(), below.path(), other.path());
        assertThat(areas.quiet(all, LocalTime.of(20, 30))).containsExactly(top.path());
        assertThat(areas.quiet(all, LocalTime.of(21, 30))).containsExactlyInAnyOrder(top.path(), other.path());
        assertThat(areas.quiet(all, LocalTime.NOON)).isEmpty();
        areas.inheritQuietHours(below.path());
        assertThat(areas.quietHours(below.path())).isEqualTo(early);
    }

    @Test
    void quietHoursAreKeptOverMidnightAndToTheMinute() {
        var quiet = QuietHours.DEFAULT;
        assertThat(quiet.contains(LocalTime.of(21, 29, 59))).isFalse();
        assertThat(quiet.contains(LocalTime.of(21, 30))).isTrue();
        assertThat(quiet.contains(LocalTime.of(23, 59, 59))).isTrue();
        assertThat(quiet.contains(LocalTime.of(3, 15))).isTrue();
        assertThat(quiet.contains(LocalTime.of(5, 0))).isFalse();
        assertThat(quiet.touches(LocalTime.of(21, 0), Duration.ofMinutes(30))).isFalse();
        assertThat(quiet.touches(LocalTime.of(21, 0), Duration.ofMinutes(31))).isTrue();
        assertThat(quiet.touches(LocalTime.of(5, 0), Duration.ofMinutes(990))).isFalse();
        var afterMidnight = new QuietHours(LocalTime.of(0, 30), LocalTime.of(5, 0));
        assertThat(afterMidnight.touches(LocalTime.of(23, 59), Duration.ofMinutes(31)))
                .isFalse();
        assertThat(afterMidnight.touches(LocalTime.of(23, 59), Duration.ofMinutes(32)))
                .isTrue();
        assertThat(QuietHours.OFF.touches(LocalTime.of(3, 15), Duration.ofHours(1)))
                .isFalse();
    }

    @Test
    void accentsAndCaseDoNotHideAnything() {
        assertThat(SearchKey.of("  Đằng   XÁ ")).isEqualTo("dang xa");
        assertThat(SearchKey.of("Đa\u0306\u0300ng")).as("decomposed").isEqualTo("dang");
        assertThat(SearchKey.pattern("50%_\\")).isEqualTo("%50\\%\\_\\\\%");
    }
}

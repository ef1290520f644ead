package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import vn.loalang.area.Area;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.emergency.WantedLanguages.Missing;

class WantedLanguagesTest {
    @Test
    void wordsThatAreNotThereAndWordsWithoutASoundAreToldApartWithThePlacesThatWantThem() {
        var wanted = WantedLanguages.of(List.of(
                area("38", "Xã Cẩm Thuỷ", "vi"),
                area("38.1", "Thôn Chiềng", "vi", "mtq"),
                area("38.2", "Thôn Muốt", "mtq", "vi"),
                area("38.3", "Thôn Phố", "vi", "hmn")));
        assertThat(wanted.missing(Map.of("vi", true, "hmn", false)))
                .containsExactly(
                        new Missing("mtq", false, "Thôn Chiềng, Thôn Muốt"), new Missing("hmn", true, "Thôn Phố"));
        assertThat(wanted.missing(Map.of("vi", true, "hmn", true, "mtq", true, "en", false)))
                .as("said in every language that is wanted")
                .isEmpty();
        assertThat(wanted.missing(Map.of())).extracting(Missing::language).containsExactly("vi", "mtq", "hmn");
    }

    @Test
    void whatACommuneWantsIsSaidOfTheCommuneUnlessAVillageOfItWantsItToo() {
        var commune = area("45", "Xã Hướng Hiệp", "vi", "bru");
        assertThat(WantedLanguages.of(
                                List.of(commune, area("45.1", "Thôn Kreng", "vi"), area("45.2", "Thôn Ruộng", "vi")))
                        .missing(Map.of("vi", true)))
                .containsExactly(new Missing("bru", false, "Xã Hướng Hiệp"));
        assertThat(WantedLanguages.of(List.of(
                                commune, area("45.1", "Thôn Kreng", "vi", "bru"), area("45.2", "Thôn Ruộng", "vi")))
                        .missing(Map.of("vi", true)))
                .containsExactly(new Missing("bru", false, "Thôn Kreng"));
    }

    @Test
    void manyPlacesAreShortened() {
        var villages = List.of("1", "2", "3", "4", "5").stream()
                .map(it -> area("45." + it, "Thôn " + it, "bru"))
                .toList();
        assertThat(WantedLanguages.of(villages).missing(Map.of()))
                .containsExactly(new Missing("bru", false, "Thôn 1, Thôn 2, Thôn 3 +2"));
    }

    @Test
    void aLanguageIsTheSameWithAndWithoutItsRegionAndOfTwoRegionsItIsNot() {
        var taiwan = WantedLanguages.of(List.of(area("1", "Phường", "zh-TW")));
        assertThat(taiwan.missing(Map.of("zh", true))).isEmpty();
        assertThat(taiwan.missing(Map.of("zh-tw", true))).isEmpty();
        assertThat(taiwan.missing(Map.of("zh-CN", true))).hasSize(1);
        assertThat(WantedLanguages.of(List.of(area("1", "Phường", "zh"))).missing(Map.of("zh-CN", true)))
                .isEmpty();
        assertThat(WantedLanguages.of(List.of(area("1", "Bản", "hm"))).missing(Map.of("hmn", true)))
                .hasSize(1);
    }

    private static Area area(String path, String name, String... languages) {
        return new Area(
                1,
                null,
                AreaPath.of(path),
                path,
                name,
                name,
                "village",
                Authority.VILLAGE,
                List.of(languages),
                null,
                null);
    }
}

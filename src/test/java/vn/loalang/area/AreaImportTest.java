package vn.loalang.area;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;

@SpringBootTest
class AreaImportTest {
    private static final String HEADER = "code,level,parent_code,full_name,name\n";

    @Autowired
    AreaImport imports;

    @Autowired
    Areas areas;

    @Autowired
    JdbcClient jdbc;

    @BeforeEach
    void anEmptyTree() {
        jdbc.sql("delete from area_station_area").update();
        jdbc.sql("delete from area_policy").update();
        jdbc.sql("delete from area_code_history").update();
        jdbc.sql("update area_area set parent_id = null").update();
        jdbc.sql("delete from area_area").update();
    }

    @Test
    void childrenMayStandBeforeTheirParents() {
        var done = apply(
                HEADER
                        + "14329-2,village,14329,Thôn 2,Thôn 2\n14329,commune,37,Xã Tân Lập,Tân Lập\n37,province,,Tỉnh Ninh Bình,Ninh Bình\n");

        assertThat(done.faults()).isEmpty();
        assertThat(done.added()).isEqualTo(3);
        assertThat(areas.findByCode("14329-2").orElseThrow().path()).isEqualTo(AreaPath.of("37.14329.2"));
        assertThat(areas.search("tan lap", 10)).extracting(Area::code).containsExactly("14329");
    }

    @Test
    void aSecondImportChangesNothing() {
        var file = HEADER + "37,province,,Tỉnh Ninh Bình,Ninh Bình\n14329,commune,37,Xã Tân Lập,Tân Lập\n";
        apply(file);
        var again = apply(file);

        assertThat(again.added()).isZero();
        assertThat(again.changed()).isZero();
        assertThat(again.unchanged()).isEqualTo(2);
    }

    @Test
    void aNewNameIsTakenAndThePathStays() {
        apply(HEADER + "37,province,,Tỉnh Ninh Bình,Ninh Bình\n");
        var changed = apply(HEADER + "37,province,,Tỉnh Hoa Lư,Hoa Lư\n");

        assertThat(changed.changed()).isOne();
        assertThat(areas.find(AreaPath.of("37")).orElseThrow().fullName()).isEqualTo("Tỉnh Hoa Lư");
    }

    @Test
    void everyFaultIsToldWithItsLineAndNothingIsTaken() {
        var refused = apply(HEADER
                + "37,province,,Tỉnh A,A\n" // 2
                + "37,province,,Tỉnh B,B\n" // 3 twice
                + "1,commune,99,Xã C,C\n" // 4 no parent
                + "2,commune,37,Xã D\n" // 5 cells
                + "b d,commune,37,Xã E,E\n" // 6 code
                + "3,hamlet,37,Xóm F,F\n" // 7 level without authority
                + "4,commune,37,,\n" // 8 no name
                + "5,commune,6,Xã G,G\n" // 9 circle
                + "6,commune,5,Xã H,H\n"); // 10 circle

        assertThat(refused.faults())
                .extracting(AreaImport.Fault::line, AreaImport.Fault::messageKey)
                .contains(
                        org.assertj.core.groups.Tuple.tuple(3, "area.import.fault.twice"),
                        org.assertj.core.groups.Tuple.tuple(4, "area.import.fault.parent"),
                        org.assertj.core.groups.Tuple.tuple(5, "area.import.fault.cells"),
                        org.assertj.core.groups.Tuple.tuple(6, "area.import.fault.value"),
                        org.assertj.core.groups.Tuple.tuple(7, "area.import.fault.authority"),
                        org.assertj.core.groups.Tuple.tuple(8, "area.import.fault.name"),
                        org.assertj.core.groups.Tuple.tuple(9, "area.import.fault.circle"),
                        org.assertj.core.groups.Tuple.tuple(10, "area.import.fault.circle"));
        assertThat(areas.none()).isTrue();
    }

    @Test
    void placesOffTheEarthAreRefused() {
        var refused = apply("code,level,name,lat,lon\n1,commune,A,91,105\n2,commune,B,21,x\n3,commune,C,NaN,105\n");

        assertThat(refused.faults()).extracting(AreaImport.Fault::line).containsExactly(2, 3, 4);
    }

    @Test
    void whatIsNoCsvIsRefusedWithTheLine() {
        assertThat(imports.preview(new byte[0]).faults())
                .extracting(AreaImport.Fault::messageKey)
                .containsExactly("area.import.fault.empty");
        assertThat(imports.preview("code;level\n1;commune\n".getBytes(StandardCharsets.UTF_8))
                        .faults())
                .extracting(AreaImport.Fault::messageKey)
                .containsExactly("area.import.fault.column");
        assertThat(imports.preview((HEADER + "1,commune,,\"Xã A,A\n2,commune,,B,B\n").getBytes(StandardCharsets.UTF_8))
                        .faults())
                .extracting(AreaImport.Fault::line, AreaImport.Fault::messageKey)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(2, "area.import.fault.quote"));
        assertThat(imports.preview((HEADER + "1,commune,,Xã A,A\n2,commune,,Xã Đ,Đ\n")
                                .getBytes(java.nio.charset.Charset.forName("windows-1258")))
                        .faults())
                .extracting(AreaImport.Fault::messageKey)
                .containsExactly("area.import.fault.encoding");
        assertThat(imports.preview(new byte[AreaImport.LARGEST + 1]).faults())
                .extracting(AreaImport.Fault::messageKey)
                .containsExactly("area.import.fault.size");
    }

    @Test
    void spreadsheetFilesWithMarkSemicolonsAndQuotesAreUnderstood() {
        var done = apply("\uFEFFcode;level;name;full_name\r\n1;commune;A;\"Xã \"\"A\"\"; cũ\"\r\n\r\n");

        assertThat(done.added()).isOne();
        assertThat(areas.findByCode("1").orElseThrow().fullName()).isEqualTo("Xã \"A\"; cũ");
    }

    @Test
    void anAreaCannotMoveOrComeBackFromTheArchive() {
        apply(HEADER + "1,province,,A,A\n2,province,,B,B\n11,commune,1,C,C\n12,commune,1,D,D\n");
        areas.archive(areas.findByCode("12").orElseThrow().path());

        assertThat(apply(HEADER + "11,commune,2,C,C\n12,commune,1,D,D\n").faults())
                .extracting(AreaImport.Fault::messageKey)
                .containsExactly("area.import.fault.moved", "area.import.fault.archived");
    }

    @Test
    void theWholeCountryIsTakenInFiveSeconds() throws IOException {
        var beside = Path.of("../shared/data/areas/vn_units_2026-07.csv");
        var country = Files.exists(beside) ? beside : Path.of("..").resolve(beside);
        Assumptions.assumeTrue(Files.exists(country), "skipped: " + country + " is not here");
        var file = Files.readAllBytes(country);
        var clock = Clock.systemUTC();

        var begin = clock.instant();
        var done = imports.apply(file);
        var took = Duration.between(begin, clock.instant());

        assertThat(done.faults()).isEmpty();
        assertThat(done.added()).isEqualTo(3355);
        assertThat(took).isLessThan(Duration.ofSeconds(5));
        assertThat(imports.apply(file).unchanged()).isEqualTo(3355);
        assertThat(areas.children(AreaPath.ROOT)).hasSize(34);
        assertThat(areas.search("ba dinh", 10)).extracting(Area::fullName).contains("Phường Ba Đình");
        assertThat(areas.find(AreaPath.of("01.00004"))).isPresent();
    }

    private AreaImport.Preview apply(String file) {
        return imports.apply(file.getBytes(StandardCharsets.UTF_8));
    }
}

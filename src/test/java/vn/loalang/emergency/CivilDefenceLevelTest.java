package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import vn.loalang.area.Authority;

class CivilDefenceLevelTest {
    @ParameterizedTest
    @CsvSource({"VILLAGE,0", "COMMUNE,1", "PROVINCE,2", "CENTRAL,3"})
    void eachAuthorityAnnouncesOneLevelMoreThanTheOneBelowIt(Authority authority, long levels) {
        assertThat(Arrays.stream(CivilDefenceLevel.values())
                        .filter(level -> level.announcedBy(authority))
                        .map(CivilDefenceLevel::number))
                .hasSize((int) levels)
                .allMatch(number -> number <= levels);
    }
}

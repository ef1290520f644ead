package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.StationId;
import vn.loalang.audio.Recording;
import vn.loalang.audio.Recordings;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.Site;

/** Which sounds the settings of each box name where areas have their own. */
class AreaPinsTest extends DeliveryTestBase {
    private static final String NAME = "thu";

    @Autowired
    Pins pins;

    @Autowired
    Documents documents;

    @Autowired
    Recordings recordings;

    Recording common;
    Recording ofCommune;
    Recording ofVillage;
    AreaPath commune;
    AreaPath sibling;
    AreaPath stranger;

    @BeforeEach
    void threeSoundsAndThreeVillages() throws IOException {
        common = sound("chime.mp3");
        ofCommune = sound("exercise.mp3");
        ofVillage = sound("attention.mp3");
        commune = village.parent();
        sibling = areas.findByCode("371432902").orElseThrow().path();
        stranger = areas.findByCode("3799902")
                .orElseGet(() -> {
                    var other = areas.add(area("37999", commune.parent(), "commune", Authority.COMMUNE));
                    return areas.add(area("3799902", other.path(), "village", Authority.VILLAGE));
                })
                .path();
        pins.put(NAME, common);
    }

    @AfterEach
    void nothingStaysPinned() {
        pins.inAreas().forEach((area, names) -> names.keySet().forEach(name -> pins.remove(area, name)));
        pins.all().keySet().stream().filter(name -> name.startsWith(NAME)).forEach(pins::remove);
    }

    @Test
    void aBoxKeepsUnderTheSameNameTheSoundOfTheNearestAreaAboveItsPole() throws Exception {
        var here = aBox(village);
        var beside = aBox(sibling);
        var elsewhere = aBox(stranger);
        assertThat(List.of(kept(here), kept(beside), kept(elsewhere))).containsOnly(hash(common));

        var untouched = settings(elsewhere).seq();
        pins.put(id(commune), NAME, ofCommune);
        assertThat(List.of(kept(here), kept(beside))).containsOnly(hash(ofCommune));
        pins.put(id(village), NAME, ofVillage);
        assertThat(kept(here)).isEqualTo(hash(ofVillage));
        assertThat(kept(beside)).isEqualTo(hash(ofCommune));
        assertThat(settings(here).assets()).contains(hash(ofVillage)).doesNotContain(hash(common), hash(ofCommune));

        pins.put(NAME, sound("all-clear.mp3"));
        assertThat(kept(here)).as("what is common changes nothing here").isEqualTo(hash(ofVillage));
        pins.put(NAME, common);
        assertThat(pins.remove(id(village), NAME)).isTrue();
        assertThat(kept(here)).isEqualTo(hash(ofCommune));
        assertThat(pins.remove(id(commune), NAME)).isTrue();
        assertThat(List.of(kept(here), kept(beside), kept(elsewhere))).containsOnly(hash(common));
        assertThat(pins.remove(id(commune), NAME)).as("there is none any more").isFalse();
        assertThat(settings(elsewhere).seq()).isGreaterThan(untouched);
    }

    @Test
    void theSettingsOfABoxUnderAnotherCommuneAreNotIssuedAnewAndItKeepsItsOwn() throws Exception {
        var here = aBox(village);
        var elsewhere = aBox(stranger);
        pins.put(id(stranger.parent()), NAME, ofVillage);
        assertThat(kept(elsewhere)).isEqualTo(hash(ofVillage));
        var before = settings(elsewhere).seq();
        pins.put(id(commune), NAME, ofCommune);
        assertThat(kept(here)).isEqualTo(hash(ofCommune));
        assertThat(kept(elsewhere)).isEqualTo(hash(ofVillage));
        assertThat(settings(elsewhere).seq()).isEqualTo(before);
    }

    @Test
    void aBoxThatIsHungUpInAnotherCommuneKeepsWhatIsKeptThere() throws Exception {
        pins.put(id(commune), NAME, ofCommune);
        var pole = aPole(stranger);
        var here = aBox(village);
        assertThat(kept(here)).isEqualTo(hash(ofCommune));
        fleet.assign(here, pole);
        assertThat(kept(here)).isEqualTo(hash(common));
    }

    @Test
    void areasMakeNoBoxKeepMoreNamesThanItCan() {
        var there = pins.all().size();
        for (int i = there; i < 32; i++) {
            pins.put(id(i % 2 == 0 ? commune : stranger), NAME + i, ofCommune);
        }
        assertThatThrownBy(() -> pins.put(id(village), "thu-qua", ofVillage))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pins.put("thu-qua", ofVillage)).isInstanceOf(IllegalArgumentException.class);
        pins.put(id(village), NAME, ofVillage);
        assertThat(pins.at(village).get(NAME)).isNotEqualTo(pins.at(commune).get(NAME));
        assertThatThrownBy(() -> pins.put(id(village), "Thử", ofVillage)).isInstanceOf(IllegalArgumentException.class);
    }

    private DeviceId aBox(AreaPath where) throws Exception {
        var unit = DeviceId.of(
                SigningKey.generate(new Kid("d1"), new SecureRandom()).publicKey());
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        fleet.assign(unit, aPole(where));
        return unit;
    }

    /** What the settings of this box name, once they say what is wanted now. */
    private Hash kept(DeviceId unit) throws Exception {
        return Objects.requireNonNull(((Site) settings(unit).document()).pins().get(NAME))
                .h();
    }

    private Documents.Stored settings(DeviceId unit) throws Exception {
        ControllerId pole = fleet.controllerOf(unit).orElseThrow();
        settled(pole);
        return documents.current(Scope.of(unit), Row.SITE).orElseThrow();
    }

    private AreaId id(AreaPath path) {
        return new AreaId(areas.find(path).orElseThrow().id());
    }

    private Recording sound(String file) throws IOException {
        return recordings.add(new StationId(stations.main().id()), Path.of("audio-samples", file), file, "vi");
    }

    private static Hash hash(Recording sound) {
        return Hash.parseHex(sound.canonicalHash().hex());
    }

    private static NewArea area(String code, AreaPath parent, String level, Authority authority) {
        return new NewArea(parent, code, "Thử " + code, "Thử " + code, level, authority, List.of("vi"), null);
    }
}

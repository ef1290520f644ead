package vn.loalang.emergency;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.context.SecurityContextHolder;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.Status;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.SigningKey;

/** Places, poles, ready-made messages and people for tests of alerts; no test leaves one counting or sounding behind. */
abstract class AlertTestBase {
    @Autowired
    Alerts alerts;

    @Autowired
    Rights rights;

    @Autowired
    Messages messages;

    @Autowired
    Areas areas;

    @Autowired
    Stations stations;

    @Autowired
    Fleet fleet;

    @Autowired
    TestPeople people;

    @Autowired
    JdbcClient jdbc;

    /** Whoever armed what is present ends it. */
    @AfterEach
    void quiet() {
        for (var alert : alerts.present()) {
            var by = by(whoArmed(alert));
            if (alert.state().ahead()) {
                alerts.cancel(alert.id(), by);
            } else if (alert.state() == AlertState.AIRED) {
                alerts.stop(alert.id(), by, "");
            } else {
                alerts.seen(alert.id(), by);
            }
        }
        SecurityContextHolder.clearContext();
    }

    Area area(AreaPath parent, String code, String name, Authority authority) {
        return area(parent, code, name, authority, "vi");
    }

    /** An area where people want these languages. */
    Area area(AreaPath parent, String code, String name, Authority authority, String... languages) {
        var level = authority.name().toLowerCase(Locale.ROOT);
        return areas.add(new NewArea(parent, code, name, name, level, authority, List.of(languages), null));
    }

    /** The province 37: commune 3701 of two villages with a pole each, commune 3702 of one village with these poles; made once. */
    void aProvinceOfTwoCommunes(String... polesInBai) {
        if (areas.findByCode("37").isPresent()) {
            return;
        }
        var province = area(AreaPath.ROOT, "37", "Tỉnh Ninh Bình", Authority.PROVINCE);
        var tanLap = area(province.path(), "3701", "Xã Tân Lập", Authority.COMMUNE);
        pole(area(tanLap.path(), "370101", "Thôn Đằng Xá", Authority.VILLAGE), "Đình làng");
        pole(area(tanLap.path(), "370102", "Thôn Cầu Mới", Authority.VILLAGE), "Cầu Mới");
        var yenMy = area(province.path(), "3702", "Xã Yên Mỹ", Authority.COMMUNE);
        var bai = area(yenMy.path(), "370201", "Thôn Bãi", Authority.VILLAGE);
        for (var name : polesInBai) {
            pole(bai, name);
        }
    }

    /** A pole with its box. */
    void pole(Area where, String name) {
        var pole = fleet.addController(new NewController(
                new StationId(stations.main().id()), new AreaId(where.id()), name, null, null, 75, Set.of()));
        var unit = DeviceId.of(
                SigningKey.generate(new Kid("d1"), new SecureRandom()).publicKey());
        fleet.registerUnit(new NewUnit(unit, "LC1", "r1"));
        fleet.assign(unit, pole);
    }

    /** The ready-made message of this name; made if there is none. */
    ReadyMessage message(Kind kind, String name, String words) {
        return messages.all(kind).stream()
                .filter(it -> it.name().equals(name))
                .findFirst()
                .orElseGet(() -> message(kind, name, List.of(new Spoken("vi", words, null)), 3));
    }

    /** A new ready-made message, said so many times. */
    ReadyMessage message(Kind kind, String name, List<Spoken> words, int times) {
        return message(kind, name, null, words, times);
    }

    /** A new ready-made message that announces this level of civil defence. */
    ReadyMessage message(Kind kind, String name, @Nullable CivilDefenceLevel level, List<Spoken> words, int times) {
        return messages.save(new ReadyMessage(
                ReadyMessage.NEW,
                kind,
                name,
                Bulletin.EMPTY,
                null,
                level,
                words,
                null,
                times,
                Duration.ofSeconds(2),
                100,
                Duration.ofMinutes(10),
                null,
                0));
    }

    /** From now on this person acts. */
    By by(SignedIn who) {
        SecurityContextHolder.getContext().setAuthentication(TestPeople.authentication(who));
        return rights.me();
    }

    /** Seconds from the press to the air. */
    void countdown(int seconds) {
        jdbc.sql("update area_station set countdown_seconds = :seconds")
                .param("seconds", seconds)
                .update();
    }

    static Target in(Area area) {
        return new Target.InArea(new AreaId(area.id()));
    }

    /** A press of the button for real. */
    static Alerts.Press press(ReadyMessage message, Area where) {
        return press(message, Status.ACTUAL, in(where));
    }

    static Alerts.Press press(ReadyMessage message, Status status, Target... where) {
        return new Alerts.Press(UUID.randomUUID().toString(), message.id(), List.of(where), status, null);
    }

    private SignedIn whoArmed(Alert alert) {
        return people.person(jdbc.sql("select login from access_person where id = :id")
                .param("id", alert.armedBy())
                .query(String.class)
                .single());
    }
}

package vn.loalang.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.not;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrlPattern;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import jakarta.servlet.http.Cookie;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.ErrorCode;
import vn.loalang.protocol.Fault;

@SpringBootTest
@AutoConfigureMockMvc
@Transactional
class FleetPagesTest {
    static final DeviceId UNIT = new DeviceId("BBBBBBBBBBBBBBBB");
    static final DeviceId OTHER = new DeviceId("CCCCCCCCCCCCCCCC");

    @Autowired
    MockMvc mvc;

    @Autowired
    Fleet fleet;

    @Autowired
    PresenceBook book;

    @Autowired
    Areas areas;

    @Autowired
    Stations stations;

    @Autowired
    TestPeople people;

    @Autowired
    Clock clock;

    SignedIn technician;
    SignedIn viewer;
    AreaPath dangXa;
    AreaPath camTrung;

    @BeforeEach
    void aCommuneWithTwoVillages() {
        technician = people.everywhere(Role.TECHNICIAN);
        viewer = people.everywhere(Role.VIEWER);
        var commune = area(AreaPath.ROOT, "14329", "Tân Lập", "Xã Tân Lập");
        dangXa = area(commune, "1432901", "Đằng Xá", "Thôn Đằng Xá");
        camTrung = area(commune, "1432902", "Cẩm Trung", "Thôn Cẩm Trung");
    }

    @Test
    void aTechnicianAddsAPoleWithABoxAndSeesIt() throws Exception {
        var location = mvc.perform(post("/fleet/new")
                        .with(by(technician))
                        .param("name", "Ngã ba đình")
                        .param("area", dangXa.value())
                        .param("latitude", "20,12345")
                        .param("longitude", "105.6789")
                        .param("volumeLimit", "65")
                        .param("tags", "chợ, đình")
                        .param("rowVersion", "0"))
                .andExpect(redirectedUrlPattern("/fleet/*"))
                .andReturn()
                .getResponse()
                .getRedirectedUrl();
        mvc.perform(post(location + "/box")
                        .with(by(technician))
                        .param("unit", "GB1:" + UNIT.value() + ":acme-lc1")
                        .param("model", ""))
                .andExpect(redirectedUrl(location));
        for (var language : List.of("vi", "en")) {
            mvc.perform(get(location).with(by(technician)).cookie(new Cookie("lang", language)))
                    .andExpect(status().isOk())
                    .andExpect(content().string(containsString("Ngã ba đình")))
                    .andExpect(content().string(containsString(UNIT.value())))
                    .andExpect(content().string(containsString("acme-lc1")))
                    .andExpect(content().string(containsString("20.12345")));
            mvc.perform(get(location + "/edit").with(by(technician)).cookie(new Cookie("lang", language)))
                    .andExpect(status().isOk());
        }
    }

    @Test
    void whatIsOutOfRangeIsRefusedBesideItsFieldAndNothingIsSaved() throws Exception {
        for (var wrong : List.of(
                List.of("latitude", "91", "từ −90 đến 90"),
                List.of("latitude", "hai mươi", "từ −90 đến 90"),
                List.of("latitude", "NaN", "từ −90 đến 90"),
                List.of("longitude", "-181", "từ −180 đến 180"),
                List.of("longitude", "", "cả vĩ độ và kinh độ"),
                List.of("volumeLimit", "9", "từ 10 đến 100"),
                List.of("volumeLimit", "to nhất", "từ 10 đến 100"),
                List.of("name", " ", "từ 1 đến 80 ký tự"),
                List.of("name", "x".repeat(81), "từ 1 đến 80 ký tự"),
                List.of("area", "../37", "địa bàn còn hoạt động"))) {
            var form = new HashMap<>(Map.of(
                    "name", "Bến đò",
                    "area", dangXa.value(),
                    "latitude", "20",
                    "longitude", "105",
                    "volumeLimit", "80",
                    "tags", "",
                    "rowVersion", "0"));
            form.put(wrong.get(0), wrong.get(1));
            var request = post("/fleet/new").with(by(technician));
            form.forEach(request::param);
            mvc.perform(request).andExpect(status().isOk()).andExpect(content().string(containsString(wrong.get(2))));
        }
        assertThat(fleet.all(station())).isEmpty();
    }

    @Test
    void searchIgnoresAccentsAndProblemsStandFirst() throws Exception {
        pole("Cổng làng", dangXa, OTHER);
        var silent = pole("Bến đò", camTrung, UNIT);
        var now = clock.instant();
        book.hello(List.of(new PresenceBook.Greeted(OTHER, 1, 1, "2.0", "r1", now)));
        book.hello(List.of(new PresenceBook.Greeted(UNIT, 1, 1, "2.0", "r1", now.minusSeconds(7200))));
        book.left(UNIT, 1, now.minusSeconds(3600));
        for (var language : List.of("vi", "en")) {
            mvc.perform(get("/fleet").with(by(viewer)).cookie(new Cookie("lang", language)))
                    .andExpect(status().isOk())
                    .andExpect(result -> assertThat(result.getResponse().getContentAsString())
                            .containsSubsequence("Bến đò", "Cổng làng"));
        }
        mvc.perform(get("/fleet").param("q", "dang xa").with(by(viewer)))
                .andExpect(content().string(containsString("Cổng làng")))
                .andExpect(content().string(not(containsString("Bến đò"))));
        mvc.perform(get("/fleet/rows").param("show", "offline").with(by(viewer)))
                .andExpect(content().string(containsString("Bến đò")))
                .andExpect(content().string(containsString("Mất kết nối")))
                .andExpect(content().string(not(containsString("<html"))))
                .andExpect(content().string(not(containsString("Cổng làng"))));
        mvc.perform(get("/fleet/" + silent).with(by(viewer))).andExpect(status().isOk());
    }

    @Test
    void viewersSeeAndCannotChange() throws Exception {
        var id = pole("Chợ Hôm", dangXa, UNIT);
        mvc.perform(get("/fleet/" + id).with(by(viewer)))
                .andExpect(content().string(not(containsString("/edit"))))
                .andExpect(content().string(not(containsString("/archive"))));
        mvc.perform(get("/fleet/new").with(by(viewer))).andExpect(status().isForbidden());
        mvc.perform(post("/fleet/" + id + "/archive").with(by(viewer))).andExpect(status().isForbidden());
        mvc.perform(post("/fleet/" + id + "/box")
                        .with(by(viewer))
                        .param("unit", OTHER.value())
                        .param("model", "x"))
                .andExpect(status().isForbidden());
        assertThat(fleet.unitOf(id)).contains(UNIT);
    }

    @Test
    void aPoleOfAnotherVillageDoesNotExistForWhoeverHasNoRoleThere() throws Exception {
        var id = pole("Chợ Hôm", dangXa, UNIT);
        var neighbour = people.with("neighbour", Role.TECHNICIAN, camTrung);
        mvc.perform(get("/fleet/" + id).with(by(neighbour))).andExpect(status().isNotFound());
        mvc.perform(get("/fleet").with(by(neighbour))).andExpect(content().string(not(containsString("Chợ Hôm"))));
        mvc.perform(post("/fleet/new")
                        .with(by(neighbour))
                        .param("name", "Cột lạ")
                        .param("area", dangXa.value())
                        .param("volumeLimit", "80")
                        .param("rowVersion", "0"))
                .andExpect(status().isForbidden());
        assertThat(fleet.all(station())).hasSize(1);
    }

    @Test
    void takingAPoleOutOfUseCanBeUndone() throws Exception {
        var id = pole("Chợ Hôm", dangXa, UNIT);
        mvc.perform(post("/fleet/" + id + "/archive").with(by(technician)))
                .andExpect(redirectedUrl("/fleet?archived=" + id));
        mvc.perform(get("/fleet").param("archived", id.toString()).with(by(technician)))
                .andExpect(content().string(containsString("/fleet/" + id + "/restore")));
        assertThat(fleet.all(station())).isEmpty();
        mvc.perform(post("/fleet/" + id + "/restore").with(by(technician))).andExpect(redirectedUrl("/fleet/" + id));
        assertThat(fleet.all(station())).hasSize(1);
    }

    @Test
    void twoPeopleChangingOnePoleAreToldOfEachOther() throws Exception {
        var id = pole("Chợ Hôm", dangXa, UNIT);
        assertThat(rename(id, "Chợ Hôm mới")).isEmpty();
        assertThat(rename(id, "Chợ Hôm cũ")).contains("Người khác vừa sửa");
        assertThat(fleet.find(id).orElseThrow().name()).isEqualTo("Chợ Hôm mới");
    }

    @Test
    void faultsRefusalsAndMeasurementsAreOnThePage() throws Exception {
        var id = pole("Chợ Hôm", dangXa, UNIT);
        var now = clock.instant();
        book.hello(List.of(new PresenceBook.Greeted(UNIT, 5, 1, "2.0.0", "acme", now)));
        book.fault(UNIT, Fault.AMP_FAULT, true, now);
        book.fault(UNIT, Fault.MAINS_LOST, true, now.minusSeconds(60));
        book.fault(UNIT, Fault.MAINS_LOST, false, now);
        book.refused(UNIT, ErrorCode.E_SIG, "plan", 3, now);
        book.refused(UNIT, ErrorCode.E_SIG, "plan", 4, now);
        book.telemetry(UNIT, """
                {"v":1,"typ":"tel","t":1763700000000,"q":"T","up":86211,"pwr":{"src":"mains","mv":12840},\
                "net":{"rat":"lte","rsrp":-108,"rx":1480,"tx":212},"amp":{"on":false,"c":41},"line":[{"z":79,"s":"ok"}],\
                "sto":{"free":5210000,"pins":3},"clk":{"ppm":-11,"err":38},"flt":[]}""", now);
        for (var language : List.of("vi", "en")) {
            mvc.perform(get("/fleet/" + id + "/now").with(by(viewer)).cookie(new Cookie("lang", language)))
                    .andExpect(status().isOk())
                    .andExpect(content().string(containsString("E_SIG")))
                    .andExpect(content().string(containsString(">7<")))
                    .andExpect(content().string(containsString(language.equals("vi") ? "12,8 V" : "12.8 V")))
                    .andExpect(content().string(containsString("-108 dBm")));
        }
        mvc.perform(get("/fleet/" + id).with(by(viewer)))
                .andExpect(content().string(containsString("Hỏng")))
                .andExpect(content().string(containsString("Lỗi âm ly")))
                .andExpect(content().string(containsString("Điện lưới")));
    }

    @Test
    void manyPolesComeInPages() throws Exception {
        for (int i = 0; i < 120; i++) {
            fleet.addController(
                    new NewController(station(), id(dangXa), "Cột %03d".formatted(i), null, null, 80, Set.of()));
        }
        mvc.perform(get("/fleet").param("page", "3").with(by(viewer)))
                .andExpect(content().string(containsString("Trang 3 trên 3")))
                .andExpect(content().string(containsString("Cột 119")))
                .andExpect(content().string(not(containsString("Cột 050"))));
    }

    private String rename(ControllerId id, String name) throws Exception {
        return mvc.perform(post("/fleet/" + id + "/edit")
                        .with(by(technician))
                        .param("name", name)
                        .param("area", dangXa.value())
                        .param("volumeLimit", "80")
                        .param("rowVersion", "0"))
                .andReturn()
                .getResponse()
                .getContentAsString();
    }

    private ControllerId pole(String name, AreaPath area, DeviceId unit) {
        var id = fleet.addController(new NewController(station(), id(area), name, null, null, 80, Set.of()));
        fleet.registerUnit(new NewUnit(unit, "LC1", ""));
        fleet.assign(unit, id);
        return id;
    }

    private AreaPath area(AreaPath parent, String code, String name, String fullName) {
        return areas.add(new NewArea(parent, code, name, fullName, "village", Authority.VILLAGE, List.of("vi"), null))
                .path();
    }

    private AreaId id(AreaPath path) {
        return new AreaId(areas.find(path).orElseThrow().id());
    }

    private StationId station() {
        return new StationId(stations.main().id());
    }
}

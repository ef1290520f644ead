package vn.loalang.emergency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import jakarta.servlet.http.Cookie;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.ResultActions;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.NewArea;

@SpringBootTest
@AutoConfigureMockMvc
@Transactional
class ContactPagesTest {
    @Autowired
    MockMvc mvc;

    @Autowired
    Areas areas;

    @Autowired
    Contacts contacts;

    @Autowired
    TestPeople people;

    SignedIn administrator;
    AreaPath commune;
    AreaPath village;

    @BeforeEach
    void aCommuneWithAVillage() {
        administrator = people.everywhere(Role.ADMINISTRATOR);
        commune = areas.add(NewArea.village(AreaPath.ROOT, "14329", "Xã Hoằng Sơn"))
                .path();
        village = areas.add(NewArea.village(commune, "1432901", "Đằng Xá")).path();
    }

    @Test
    void aPersonIsAddedShownAndTakenOffAgain() throws Exception {
        add(village, "Lê Văn Thành", "Trưởng thôn", "0900 000 141").andExpect(status().is3xxRedirection());

        for (var language : List.of("vi", "en")) {
            assertThat(page("/admin/contacts?at=" + village, language))
                    .contains("Lê Văn Thành", "Trưởng thôn", "0900 000 141");
            assertThat(page("/admin/contacts?at=" + commune, language)).contains("Lê Văn Thành 0900 000 141");
        }
        var id = contacts.in(village).get(0).id();
        mvc.perform(post("/admin/contacts/" + id + "/remove")
                        .with(by(administrator))
                        .param("at", village.value()))
                .andExpect(status().is3xxRedirection());
        assertThat(contacts.in(village)).isEmpty();
    }

    @Test
    void whatIsNoPhoneNumberIsRefusedBesideItsFieldAndNothingTypedIsLost() throws Exception {
        for (var wrong : List.of("gọi Thành", "12", "0900;rm -rf", "1".repeat(21), "<script>")) {
            var page = add(village, "Lê Văn Thành", "", wrong)
                    .andExpect(status().isOk())
                    .andReturn()
                    .getResponse()
                    .getContentAsString(java.nio.charset.StandardCharsets.UTF_8);
            assertThat(page)
                    .contains("không phải số điện thoại", "value=\"Lê Văn Thành\"")
                    .doesNotContain("<script>\"");
        }
        assertThat(contacts.in(village)).isEmpty();
    }

    @Test
    void aVillageWithoutAnybodyUsesTheListOfTheNearestAreaAbove() {
        contacts.add(commune, "Chủ tịch", "", "0900000100");
        assertThat(contacts.nearest(List.of(village)).get(village))
                .extracting(Contact::name)
                .containsExactly("Chủ tịch");

        contacts.add(village, "Trưởng thôn", "", "0900000141");
        contacts.add(village, "Phó thôn", "", "0900000142");
        assertThat(contacts.nearest(List.of(village, commune)).get(village))
                .extracting(Contact::name)
                .containsExactly("Trưởng thôn", "Phó thôn");
    }

    @Test
    void onlyAnAdministratorOfThePlaceMayChangeItsList() throws Exception {
        var stranger = people.with(
                "khac",
                Role.ADMINISTRATOR,
                areas.add(NewArea.village(AreaPath.ROOT, "15000", "Xã Khác")).path());
        mvc.perform(post("/admin/contacts")
                        .with(by(stranger))
                        .param("at", village.value())
                        .param("name", "A")
                        .param("phone", "0900000141"))
                .andExpect(status().isForbidden());
        mvc.perform(get("/admin/contacts?at=" + village).with(by(stranger))).andExpect(status().isForbidden());
        mvc.perform(get("/admin/contacts").with(by(people.everywhere(Role.OPERATOR))))
                .andExpect(status().isForbidden());
    }

    @Test
    void anAdministratorOfACommuneFindsItAtOnceAndNoWayToWhatIsClosed() throws Exception {
        var province = areas.add(NewArea.village(AreaPath.ROOT, "38", "Tỉnh Thanh"));
        var own = areas.add(NewArea.village(province.path(), "3801", "Xã Của Tôi"));
        areas.add(NewArea.village(own.path(), "380101", "Thôn Của Tôi"));
        areas.add(NewArea.village(province.path(), "3802", "Xã Bên"));
        var me = people.with("xa", Role.ADMINISTRATOR, own.path());
        assertThat(page("/admin/contacts", "vi", me)).contains("Xã Của Tôi").doesNotContain("Tỉnh Thanh", "Xã Bên");
        assertThat(page("/admin/contacts?at=" + own.path(), "vi", me))
                .contains("Thôn Của Tôi", "<span>Tỉnh Thanh</span>")
                .doesNotContain("at=" + province.path() + "\"", "Xã Bên");
        mvc.perform(get("/admin/contacts?at=" + province.path()).with(by(me))).andExpect(status().isForbidden());
        assertThat(page("/admin/contacts", "vi", administrator)).contains("Tỉnh Thanh");
        assertThat(page("/admin/contacts?at=" + own.path(), "vi", administrator))
                .contains("at=" + province.path() + "\"");
        mvc.perform(get("/admin/contacts?at=nowhere").with(by(administrator))).andExpect(status().isNotFound());
    }

    private ResultActions add(AreaPath area, String name, String duty, String phone) throws Exception {
        return mvc.perform(post("/admin/contacts")
                .with(by(administrator))
                .param("at", area.value())
                .param("name", name)
                .param("duty", duty)
                .param("phone", phone));
    }

    private String page(String path, String language) throws Exception {
        return page(path, language, administrator);
    }

    private String page(String path, String language, SignedIn who) throws Exception {
        return mvc.perform(get(path).with(by(who)).cookie(new Cookie("lang", language)))
                .andExpect(status().isOk())
                .andReturn()
                .getResponse()
                .getContentAsString(java.nio.charset.StandardCharsets.UTF_8);
    }
}

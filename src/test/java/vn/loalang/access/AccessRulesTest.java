package vn.loalang.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors.csrf;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import jakarta.servlet.http.Cookie;
import java.util.List;
import java.util.Objects;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.request.MockHttpServletRequestBuilder;
import vn.loalang.area.Area;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.NewArea;

@SpringBootTest
@AutoConfigureMockMvc
class AccessRulesTest {
    @Autowired
    MockMvc mvc;

    @Autowired
    TestPeople someone;

    @Autowired
    People people;

    @Autowired
    Areas areas;

    @Autowired
    AuditLog audit;

    Area here;
    Area elsewhere;

    @BeforeEach
    void twoCommunes() {
        here = commune("h1");
        elsewhere = commune("e1");
    }

    private Area commune(String code) {
        return areas.findByCode(code)
                .orElseGet(() -> areas.add(new NewArea(
                        AreaPath.ROOT,
                        code,
                        "Xã " + code,
                        "Xã " + code,
                        "commune",
                        Authority.COMMUNE,
                        List.of("vi"),
                        null)));
    }

    @Test
    void strangersAreSentToSignInAndProgramsAreTold() throws Exception {
        mvc.perform(get("/admin/people")).andExpect(redirectedUrl("/login"));
        mvc.perform(get("/api/v1/anything")).andExpect(status().isUnauthorized());
        mvc.perform(get("/admin/people").header("HX-Request", "true"))
                .andExpect(status().isUnauthorized())
                .andExpect(header().string("HX-Redirect", "/login"));
    }

    @Test
    void aRoleReachesDownTheTreeAndNoFurther() {
        var access = new Access(people);
        var me = someone.with("down", Role.OPERATOR, here.path());
        var context = org.springframework.security.core.context.SecurityContextHolder.createEmptyContext();
        context.setAuthentication(TestPeople.authentication(me));
        org.springframework.security.core.context.SecurityContextHolder.setContext(context);
        try {
            assertThat(access.may(Role.OPERATOR, here.path())).isTrue();
            assertThat(access.may(Role.OPERATOR, here.path().child("2"))).isTrue();
            assertThat(access.may(Role.VIEWER, here.path()))
                    .as("whoever works there may look")
                    .isTrue();
            assertThat(access.may(Role.TECHNICIAN, here.path())).isFalse();
            assertThat(access.may(Role.OPERATOR, elsewhere.path())).isFalse();
            assertThat(access.may(Role.OPERATOR, AreaPath.ROOT)).isFalse();
            assertThat(access.may(Role.OPERATOR, AreaPath.of(here.path() + "1")))
                    .as("longer label")
                    .isFalse();
            assertThat(access.scope(Role.OPERATOR).roots()).containsExactly(here.path());
        } finally {
            org.springframework.security.core.context.SecurityContextHolder.clearContext();
        }
    }

    @Test
    void operatorsDoNotEnterAdministration() throws Exception {
        var operator = someone.everywhere(Role.OPERATOR);
        for (var page : List.of("/admin/people", "/admin/areas", "/admin/audit")) {
            mvc.perform(get(page).with(by(operator))).andExpect(status().isForbidden());
        }
    }

    @Test
    void aCommunesAdministratorGivesRightsInTheCommuneOnly() throws Exception {
        var local = someone.with("local", Role.ADMINISTRATOR, here.path());
        var friend = someone.person("friend");
        mvc.perform(post("/admin/people/" + friend.personId() + "/grant")
                        .param("role", "OPERATOR")
                        .param("area", here.path().value())
                        .with(by(local)))
                .andExpect(status().is3xxRedirection());
        assertThat(people.grants(friend.personId())).contains(new Grant(Role.OPERATOR, here.path()));
        for (var area : List.of(elsewhere.path().value(), "*")) {
            mvc.perform(post("/admin/people/" + friend.personId() + "/grant")
                            .param("role", "ADMINISTRATOR")
                            .param("area", area)
                            .with(by(local)))
                    .andExpect(status().isForbidden());
        }
        mvc.perform(get("/admin/audit").with(by(local))).andExpect(status().isForbidden());
        mvc.perform(post("/admin/areas/rename")
                        .param("at", elsewhere.path().value())
                        .param("name", "x")
                        .param("fullName", "x")
                        .param("code", "x")
                        .with(by(local)))
                .andExpect(status().isForbidden());
    }

    @Test
    void aCommunesAdministratorSaysWhichLanguagesPeopleThereWant() throws Exception {
        var local = someone.with("local", Role.ADMINISTRATOR, here.path());
        mvc.perform(languages(here.path().value(), "vi", "bru").with(by(local))).andExpect(status().is3xxRedirection());
        assertThat(areas.find(here.path()).orElseThrow().languages()).containsExactly("vi", "bru");
        mvc.perform(get("/admin/areas").param("at", here.path().value()).with(by(local)))
                .andExpect(content().string(Matchers.containsString("value=\"bru\" checked")));

        mvc.perform(languages(here.path().value()).with(by(local)))
                .andExpect(content().string(Matchers.containsString("Hãy chọn ít nhất một ngôn ngữ")));
        mvc.perform(languages(here.path().value(), "Tiếng Việt").with(by(local)))
                .andExpect(content().string(Matchers.containsString("Hãy chọn ít nhất một ngôn ngữ")));
        mvc.perform(languages(elsewhere.path().value(), "vi", "bru").with(by(local)))
                .andExpect(status().isForbidden());
        assertThat(areas.find(here.path()).orElseThrow().languages()).containsExactly("vi", "bru");
        assertThat(areas.find(elsewhere.path()).orElseThrow().languages()).containsExactly("vi");
    }

    private static MockHttpServletRequestBuilder languages(String area, String... tags) {
        var request = post("/admin/areas/languages").param("at", area).cookie(new Cookie("lang", "vi"));
        return tags.length == 0 ? request : request.param("languages", tags);
    }

    @Test
    void aCommunesAdministratorCannotTakeOverAHigherAccount() throws Exception {
        var local = someone.with("local", Role.ADMINISTRATOR, here.path());
        var higher = someone.everywhere(Role.ADMINISTRATOR);
        mvc.perform(post("/admin/people/" + higher.personId() + "/reset").with(by(local)))
                .andExpect(status().isForbidden());
        mvc.perform(post("/admin/people/" + higher.personId() + "/disable").with(by(local)))
                .andExpect(status().isForbidden());
    }

    @Test
    void aNewPersonGetsAPasswordShownOnceAndMustReplaceIt() throws Exception {
        var administrator = someone.everywhere(Role.ADMINISTRATOR);
        var login = "moi." + people.all().size();
        var added = mvc.perform(post("/admin/people")
                        .param("login", login)
                        .param("name", "Người mới")
                        .with(by(administrator)))
                .andExpect(status().is3xxRedirection())
                .andReturn();
        var password = (String) Objects.requireNonNull(added.getFlashMap().get("oneTimePassword"));
        assertThat(audit.page(everything(), 0, 50)).anySatisfy(entry -> {
            assertThat(entry.action()).isEqualTo("access.personAdded");
            assertThat(entry.subject()).isEqualTo(login);
            assertThat(entry.details()).doesNotContain(password);
        });

        var session = (MockHttpSession) signIn(login, password)
                .andExpect(redirectedUrl("/"))
                .andReturn()
                .getRequest()
                .getSession();
        mvc.perform(get("/").session(session)).andExpect(redirectedUrl("/password"));
        mvc.perform(get("/admin/people").session(session)).andExpect(redirectedUrl("/password"));
    }

    @Test
    void disablingEndsOpenSessions() throws Exception {
        someone.person("leaving");
        var administrator = someone.everywhere(Role.ADMINISTRATOR);
        var session = (MockHttpSession) signIn("leaving", TestPeople.PASSWORD)
                .andExpect(redirectedUrl("/"))
                .andReturn()
                .getRequest()
                .getSession();
        mvc.perform(get("/").session(session)).andExpect(status().isOk());
        var id = people.find("leaving").orElseThrow().id();
        mvc.perform(post("/admin/people/" + id + "/disable").with(by(administrator)))
                .andExpect(status().is3xxRedirection());

        mvc.perform(get("/").session(session)).andExpect(redirectedUrl("/login"));
        signIn("leaving", TestPeople.PASSWORD).andExpect(redirectedUrl("/login?error"));
        mvc.perform(post("/admin/people/" + id + "/enable").with(by(administrator)))
                .andExpect(status().is3xxRedirection());
        signIn("leaving", TestPeople.PASSWORD).andExpect(redirectedUrl("/"));
    }

    @Test
    void theLastAdministratorStays() {
        var administrators = people.all().stream()
                .filter(Person::active)
                .filter(person -> people.grants(person.id()).contains(new Grant(Role.ADMINISTRATOR, AreaPath.ROOT)))
                .toList();
        for (var person : administrators.subList(1, administrators.size())) {
            people.revoke(person.id(), new Grant(Role.ADMINISTRATOR, AreaPath.ROOT));
        }
        try {
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> people.disable(administrators.get(0).id()))
                    .isInstanceOf(vn.loalang.area.Refusal.class);
            assertThat(people.find(administrators.get(0).id()).orElseThrow().active())
                    .isTrue();
        } finally {
            administrators.forEach(person -> people.grant(person.id(), new Grant(Role.ADMINISTRATOR, AreaPath.ROOT)));
        }
    }

    @Test
    void aFormWithoutItsTokenIsRefused() throws Exception {
        var administrator = someone.everywhere(Role.ADMINISTRATOR);
        mvc.perform(post("/admin/people")
                        .param("login", "evil")
                        .param("name", "Evil")
                        .with(org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors
                                .authentication(TestPeople.authentication(administrator))))
                .andExpect(status().isForbidden());
        assertThat(people.find("evil")).isEmpty();
    }

    @Test
    void aFormSentAfterTheSessionEndedIsNotLost() throws Exception {
        someone.everywhere(Role.ADMINISTRATOR);
        var sent = mvc.perform(post("/admin/areas/station")
                        .param("name", "Đài xã Tân Lập")
                        .with(csrf()))
                .andExpect(redirectedUrl("/login"))
                .andReturn();
        var session = (MockHttpSession) Objects.requireNonNull(sent.getRequest().getSession());
        var back = mvc.perform(post("/login")
                        .session(session)
                        .with(csrf())
                        .param("username", "t-administrator")
                        .param("password", TestPeople.PASSWORD))
                .andExpect(status().is3xxRedirection())
                .andReturn()
                .getResponse()
                .getRedirectedUrl();
        mvc.perform(get(java.net.URI.create(Objects.requireNonNull(back))).session(session))
                .andExpect(redirectedUrl("/admin/areas"));
        mvc.perform(get("/admin/areas").session(session))
                .andExpect(content().string(Matchers.containsString("Đài xã Tân Lập")));
    }

    @Test
    void everyAnswerCarriesTheHeadersThatKeepItHarmless() throws Exception {
        mvc.perform(get("/login"))
                .andExpect(header().string("Content-Security-Policy", AccessSecurity.CONTENT_SECURITY_POLICY))
                .andExpect(header().string("X-Content-Type-Options", "nosniff"))
                .andExpect(header().string("Referrer-Policy", "same-origin"))
                .andExpect(header().doesNotExist("Strict-Transport-Security"));
    }

    @Test
    void theWayBackFromPreferencesStaysOnThisServer() throws Exception {
        for (var evil : List.of("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)")) {
            mvc.perform(post("/preferences")
                            .param("theme", "dark")
                            .param("back", evil)
                            .with(csrf()))
                    .andExpect(redirectedUrl("/"));
        }
    }

    private org.springframework.test.web.servlet.ResultActions signIn(String login, String password) throws Exception {
        return mvc.perform(post("/login")
                .param("username", login)
                .param("password", password)
                .with(csrf()));
    }

    private static AuditLog.Filter everything() {
        return new AuditLog.Filter("", "", java.time.Instant.EPOCH, java.time.Instant.parse("2999-01-01T00:00:00Z"));
    }
}

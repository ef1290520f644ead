package vn.loalang.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import vn.loalang.browser.Browsers;
import vn.loalang.web.Addresses;

@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class SigningInBrowserTest {
    @Autowired
    Addresses addresses;

    @Autowired
    FirstAdministrator administrator;

    URI server;

    @BeforeEach
    void where() {
        server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
    }

    @Test
    void theFirstAdministratorMustReplaceTheOneTimePasswordAndSeesTheChecklist() {
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.open("/");
            visitor.accessible().fitsAPhone().shot("login");
            visitor.signIn(
                    FirstAdministrator.LOGIN, administrator.oneTimePassword().orElseThrow());
            assertThat(page.url()).endsWith("/password");
            assertThat(page.textContent("main")).contains("chỉ dùng một lần");
            visitor.accessible().fitsAPhone().shot("password");

            page.fill("#current", administrator.oneTimePassword().orElseThrow());
            page.fill("#next", "123");
            page.fill("#again", "123");
            page.click("main button.primary");
            assertThat(page.textContent("#error-password")).contains("ít nhất 10 ký tự");

            page.fill("#current", administrator.oneTimePassword().orElseThrow());
            page.fill("#next", TestPeople.PASSWORD);
            page.fill("#again", TestPeople.PASSWORD);
            page.click("main button.primary");
            page.waitForURL(server + "/");
            assertThat(page.textContent("h1")).isEqualTo("Thiết lập đài truyền thanh");
            visitor.accessible().fitsAPhone().shot("first-run");

            page.click(".rail-account summary");
            visitor.accessible();
            page.click("button[value=en]");
            assertThat(page.textContent("h1")).isEqualTo("Set up the station");
            page.click(".rail-account summary");
            page.click("button[value=dark]");
            assertThat(page.getAttribute("html", "data-theme")).isEqualTo("dark");
            visitor.shot("first-run-dark");
        }
        try (var phone = Browsers.phone(server)) {
            phone.signIn(FirstAdministrator.LOGIN, TestPeople.PASSWORD);
            phone.accessible().fitsAPhone().shot("first-run-phone");
        }
    }
}

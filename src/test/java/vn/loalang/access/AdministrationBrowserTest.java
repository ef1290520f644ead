package vn.loalang.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.FilePayload;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import vn.loalang.browser.Browsers;
import vn.loalang.web.Addresses;

@Tag("browser")
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class AdministrationBrowserTest {
    private static final String FILE = "code,level,parent_code,full_name,name\n"
            + "b37,province,,Tỉnh Ninh Bình,Ninh Bình\nb14329,commune,b37,Xã Tân Lập,Tân Lập\n"
            + "b14329-1,village,b14329,Thôn Đằng Xá,Đằng Xá\n";

    @Autowired
    Addresses addresses;

    @Autowired
    TestPeople someone;

    URI server;

    @BeforeEach
    void where() {
        server = URI.create("https://localhost:" + addresses.httpsPort().orElseThrow());
    }

    @Test
    void anAdministratorImportsAreasFindsThemWithoutAccentsAndGivesARoleThere() {
        var me = someone.everywhere(Role.ADMINISTRATOR);
        try (var visitor = Browsers.desktop(server)) {
            var page = visitor.signIn(me.login(), TestPeople.PASSWORD);

            visitor.open("/admin/areas");
            page.setInputFiles("input[type=file]", file(FILE.replace("b14329,commune,b37", "b14329,commune,b99")));
            page.click("form[action='/admin/areas/import'] button");
            assertThat(page.textContent("main"))
                    .contains("Dòng 3:")
                    .contains("b99")
                    .contains("chưa có gì thay đổi");
            visitor.accessible().fitsAPhone().shot("areas-import-refused");

            visitor.open("/admin/areas");
            page.setInputFiles("input[type=file]", file(FILE));
            page.click("form[action='/admin/areas/import'] button");
            assertThat(page.textContent("main")).contains("Sẽ thêm 3");
            visitor.accessible().fitsAPhone().shot("areas-import");
            page.click("form[action='/admin/areas/import/apply'] button");
            assertThat(page.textContent("[role=status].ok")).contains("thêm 3");
            visitor.accessible().fitsAPhone().shot("areas");

            page.fill("input[name=q]", "dang xa");
            page.keyboard().press("Enter");
            page.click("text=Thôn Đằng Xá");
            assertThat(page.textContent(".trail")).contains("Tỉnh Ninh Bình").contains("Xã Tân Lập");
            page.check("input[value=own]");
            page.fill("#q-from", "20:00");
            page.fill("#q-to", "25:00");
            page.click("form[action='/admin/areas/quiet'] button");
            assertThat(page.textContent("main")).contains("25:00 không phải giờ phút");
            page.check("input[value=own]");
            page.fill("#q-from", "20:00");
            page.fill("#q-to", "6:00");
            page.click("form[action='/admin/areas/quiet'] button");
            assertThat(page.textContent("main")).contains("20:00–06:00");
            visitor.accessible().fitsAPhone().shot("area");

            visitor.open("/admin/people");
            page.fill("#name", "Nguyễn Thị Hường");
            page.fill("#login", "Huong Nguyen");
            page.click("main form button.primary");
            assertThat(page.textContent("#error-login")).contains("2 đến 40");
            assertThat(page.inputValue("#name")).as("what was typed stays").isEqualTo("Nguyễn Thị Hường");
            page.fill("#login", "huong");
            page.click("main form button.primary");
            var once = page.textContent("#one-time");
            assertThat(once).matches("[a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{5}");
            visitor.accessible().fitsAPhone().shot("person");
            page.check("input[value=OPERATOR]");
            page.fill("input[name=areaSearch]", "tan lap");
            page.check("#area-choices label:has-text('Xã Tân Lập') input");
            page.click("form[action$='/grant'] button.primary");
            assertThat(page.textContent("main"))
                    .contains("Người vận hành")
                    .contains("Xã Tân Lập")
                    .doesNotContain(once);
            visitor.open("/admin/people");
            visitor.accessible().fitsAPhone().shot("people");

            visitor.open("/admin/audit");
            assertThat(page.textContent("main"))
                    .contains("Nhập địa bàn từ CSV")
                    .contains("Cấp quyền")
                    .contains("huong");
            visitor.accessible().fitsAPhone().shot("audit");

            visitor.expectingError("404").open("/admin/nothing");
            assertThat(page.textContent("h1")).isEqualTo("Không có trang này");
            visitor.accessible().fitsAPhone();
        }
        try (var operator = Browsers.phone(server)) {
            operator.signIn(someone.person("nobody").login(), TestPeople.PASSWORD);
            operator.expectingError("403").open("/admin/people");
            assertThat(operator.page().textContent("h1")).contains("không có quyền");
        }
    }

    private static FilePayload file(String text) {
        return new FilePayload("địa bàn <b>.csv", "text/csv", text.getBytes(StandardCharsets.UTF_8));
    }
}

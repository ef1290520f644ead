package vn.loalang.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import jakarta.servlet.RequestDispatcher;
import java.util.Locale;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.web.servlet.ModelAndView;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;

@SpringBootTest
@AutoConfigureMockMvc
class ErrorsTest {
    @Autowired
    MockMvc mvc;

    @Autowired
    TestPeople someone;

    @Autowired
    ErrorPages pages;

    @Test
    void aProgramIsToldTheFieldAndTheLimit() throws Exception {
        mvc.perform(get("/api/v1/probe-refusal").with(by(someone.everywhere(Role.VIEWER))))
                .andExpect(status().isUnprocessableContent())
                .andExpect(content().contentType("application/problem+json"))
                .andExpect(jsonPath("$.field").value("name"))
                .andExpect(jsonPath("$.detail").value("Tên phải có từ 1 đến 200 ký tự."));
    }

    @Test
    void aPersonReadsASentence() throws Exception {
        mvc.perform(get("/probe/refusal").with(by(someone.everywhere(Role.VIEWER))))
                .andExpect(status().isUnprocessableContent())
                .andExpect(content().string(Matchers.containsString("Tên phải có từ 1 đến 200 ký tự.")));
    }

    @Test
    void nothingOfTheMachineIsShown() {
        var request = new MockHttpServletRequest("GET", "/error");
        request.setAttribute(RequestDispatcher.ERROR_STATUS_CODE, 500);
        request.setAttribute(RequestDispatcher.ERROR_REQUEST_URI, "/probe/failure");
        request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, new IllegalStateException("a secret of the machine"));
        for (var language : new String[] {"vi", "en"}) {
            var page = (ModelAndView) pages.error(request, Locale.forLanguageTag(language));
            assertThat(page.getModel().toString()).doesNotContain("secret").doesNotContain("Exception");
            assertThat(page.getModel()).containsKeys("title", "sentence");
        }
        request.setAttribute(RequestDispatcher.ERROR_REQUEST_URI, "/api/v1/probe-failure");
        assertThat(pages.error(request, Locale.forLanguageTag("vi")).toString())
                .contains("application/problem+json")
                .doesNotContain("secret");
    }
}

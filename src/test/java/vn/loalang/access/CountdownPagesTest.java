package vn.loalang.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import jakarta.servlet.http.Cookie;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.Stations;

/** How long emergencies are counted down, as an administrator sets it. */
@SpringBootTest
@AutoConfigureMockMvc
@Transactional
class CountdownPagesTest {
    @Autowired
    MockMvc mvc;

    @Autowired
    Stations stations;

    @Autowired
    TestPeople people;

    @Test
    void theCountdownIsEightSecondsUnlessAnAdministratorSetsFiveToFifteen() throws Exception {
        var chief = people.everywhere(Role.ADMINISTRATOR);
        mvc.perform(get("/admin/areas").with(TestPeople.by(chief)))
                .andExpect(content().string(containsString("name=\"countdown\"")))
                .andExpect(content().string(containsString("value=\"8\"")));
        for (var wrong : new String[] {"4", "16", "-8", "năm", ""}) {
            mvc.perform(post("/admin/areas/countdown")
                            .param("countdown", wrong)
                            .cookie(new Cookie("lang", "vi"))
                            .with(TestPeople.by(chief)))
                    .andExpect(status().isOk())
                    .andExpect(content().string(containsString("từ 5 đến 15 giây")));
        }
        assertThat(seconds()).isEqualTo(8);
        for (var right : new String[] {"5", " 15 "}) {
            mvc.perform(post("/admin/areas/countdown").param("countdown", right).with(TestPeople.by(chief)))
                    .andExpect(redirectedUrl("/admin/areas"));
            assertThat(seconds()).isEqualTo(Integer.parseInt(right.strip()));
        }
        mvc.perform(post("/admin/areas/countdown")
                        .param("countdown", "5")
                        .with(TestPeople.by(people.everywhere(Role.OPERATOR))))
                .andExpect(status().isForbidden());
    }

    private int seconds() {
        return stations.all().get(0).countdownSeconds();
    }
}

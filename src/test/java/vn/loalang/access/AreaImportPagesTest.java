package vn.loalang.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.multipart;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.redirectedUrl;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import jakarta.servlet.http.Cookie;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.mock.web.MockMultipartFile;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;

/** The import of areas as an administrator meets it: a fault anywhere is told with its line, and nothing is taken. */
@SpringBootTest
@AutoConfigureMockMvc
@Transactional
class AreaImportPagesTest {
    @Autowired
    MockMvc mvc;

    @Autowired
    Areas areas;

    @Autowired
    TestPeople people;

    @Test
    void aWrongCodeIsToldWithItsLineInBothLanguagesAndNothingIsTaken() throws Exception {
        var me = people.everywhere(Role.ADMINISTRATOR);
        var csv = """
                code,level,parent_code,full_name,name
                97,province,,Tỉnh Thử,Thử
                9714329,commune,97,Xã Thử,Thử
                971432901,village,9999999,Thôn Lạc,Lạc
                """;
        var before = areas.within(AreaPath.ROOT).size();
        var session = new MockHttpSession();
        var said = new HashSet<String>();
        for (var language : new String[] {"vi", "en"}) {
            var page = mvc.perform(multipart("/admin/areas/import")
                            .file(new MockMultipartFile(
                                    "file", "đơn vị.csv", "text/csv", csv.getBytes(StandardCharsets.UTF_8)))
                            .session(session)
                            .cookie(new Cookie("lang", language))
                            .with(TestPeople.by(me)))
                    .andExpect(status().isOk())
                    .andReturn()
                    .getResponse()
                    .getContentAsString(StandardCharsets.UTF_8);
            assertThat(page)
                    .contains("9999999")
                    .containsPattern("(Dòng|Line) 4")
                    .doesNotContain("Exception");
            said.add(page);
        }
        assertThat(said).hasSize(2);
        mvc.perform(post("/admin/areas/import/apply").session(session).with(TestPeople.by(me)))
                .andExpect(redirectedUrl("/admin/areas"));
        assertThat(areas.within(AreaPath.ROOT)).hasSize(before);
        assertThat(areas.findByCode("97")).isEmpty();
    }
}

package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;
import static vn.loalang.access.TestPeople.by;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.MockMvc;
import vn.loalang.access.Role;
import vn.loalang.access.TestPeople;
import vn.loalang.protocol.ClaimFile;

/** Claim files are made by technicians of the area, and every one is written down. */
@AutoConfigureMockMvc
class ClaimEndpointTest extends DeliveryTestBase {
    @Autowired
    MockMvc mvc;

    @Autowired
    TestPeople people;

    @Test
    void aTechnicianGetsAFileThatVoidsTheOneBefore() throws Exception {
        var technician = people.everywhere(Role.TECHNICIAN);
        var pole = aPole();
        var box = aBoxOn(pole);
        var answer = mvc.perform(post("/fleet/" + pole + "/claim").with(by(technician)))
                .andExpect(status().isOk())
                .andExpect(header().string("Content-Disposition", containsString("claim.gbf")))
                .andExpect(header().string("Cache-Control", "no-store"))
                .andReturn();
        var claim = ClaimFile.decode(answer.getResponse().getContentAsByteArray());
        assertThat(claim.id()).isEqualTo(box.id());
        assertThat(((ClaimFile.Credential.Password) claim.cred()).pass())
                .hasSize(43)
                .isNotEqualTo(box.credential().pass());
        var pin = mvc.perform(post("/fleet/" + pole + "/claim")
                        .param("code", "123456")
                        .with(by(technician)))
                .andExpect(status().isOk())
                .andReturn();
        assertThat(ClaimFile.decode(pin.getResponse().getContentAsByteArray()))
                .satisfies(file -> assertThat(file.id()).isNull())
                .satisfies(file -> assertThat(file.pin()).isEqualTo("123456"));
        mvc.perform(post("/fleet/" + pole + "/claim")
                        .param("code", "GB1:" + box.id() + ":LC1")
                        .with(by(technician)))
                .andExpect(status().isOk());
        mvc.perform(post("/fleet/" + pole + "/claim")
                        .param("code", "AAAAAAAAAAAAAAAA")
                        .with(by(technician)))
                .andExpect(status().isUnprocessableContent())
                .andExpect(content().string(containsString(box.id().value())));
        assertThat(jdbc.sql("select count(*) from access_audit where action = 'delivery.claimed' and subject = :unit"
                                + " and person_id = :person")
                        .param("unit", box.id().value())
                        .param("person", technician.personId())
                        .query(Long.class)
                        .single())
                .isEqualTo(3);
    }

    @Test
    void nobodyElseMay() throws Exception {
        var pole = aPole();
        aBoxOn(pole);
        var viewer = people.everywhere(Role.VIEWER);
        mvc.perform(post("/fleet/" + pole + "/claim").with(by(viewer))).andExpect(status().isForbidden());
        mvc.perform(post("/fleet/" + pole + "/revoke").with(by(viewer))).andExpect(status().isForbidden());
        var neighbour = people.with(
                "neighbour-claim",
                Role.TECHNICIAN,
                areas.findByCode("371432902").orElseThrow().path());
        mvc.perform(post("/fleet/" + pole + "/claim").with(by(neighbour))).andExpect(status().isForbidden());
        var empty = aPole();
        mvc.perform(post("/fleet/" + empty + "/claim").with(by(people.everywhere(Role.TECHNICIAN))))
                .andExpect(status().isUnprocessableContent());
    }
}

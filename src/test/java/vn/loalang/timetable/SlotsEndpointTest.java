package vn.loalang.timetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import java.util.Collections;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.ResultActions;
import vn.loalang.access.Role;
import vn.loalang.access.SignedIn;
import vn.loalang.access.TestPeople;

class SlotsEndpointTest extends TimetableTestBase {
    private SignedIn hoa;

    @BeforeEach
    void anOperator() {
        hoa = people.everywhere(Role.OPERATOR);
    }

    @Test
    void aRepeatedRequestMakesOneSlot() throws Exception {
        for (var attempt = 0; attempt < 2; attempt++) {
            send("k-1", slot("17:00"))
                    .andExpect(status().isCreated())
                    .andExpect(jsonPath("$.start").value("17:00"))
                    .andExpect(jsonPath("$.repeat").value("DAILY"));
        }
        assertThat(timetable.live(STATION)).hasSize(1);
        send("k-1", slot("18:00"))
                .andExpect(status().is(422))
                .andExpect(jsonPath("$.code").value("timetable.api.keyReused"));
        mvc.perform(get("/api/v1/slots").with(TestPeople.by(hoa)))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.length()").value(1))
                .andExpect(jsonPath("$[0].title").value("Bản tin xã"))
                .andExpect(jsonPath("$[0].areas[0]").value(communePath.value()));
    }

    @Test
    void theSameRequestTwiceAtOnceMakesOneSlotAndTwoGoodAnswers() throws Exception {
        var threads = Executors.newFixedThreadPool(2);
        try {
            var answers = threads.invokeAll(Collections.nCopies(2, () -> send("k-twice", slot("17:00"))
                    .andReturn()
                    .getResponse()
                    .getStatus()));
            for (var answer : answers) {
                assertThat(answer.get()).isEqualTo(201);
            }
        } finally {
            threads.shutdown();
        }
        assertThat(timetable.live(STATION)).hasSize(1);
    }

    @Test
    void aRefusalIsAProblemWithOneEntryPerField() throws Exception {
        send("k-2", slot("03:15"))
                .andExpect(status().is(422))
                .andExpect(jsonPath("$.status").value(422))
                .andExpect(jsonPath("$.errors[0].field").value("start"))
                .andExpect(jsonPath("$.errors[0].code").value("quiet"))
                .andExpect(jsonPath("$.errors[0].corrections[0].start").value("15:15"));
        assertThat(timetable.live(STATION)).isEmpty();
        send("k-3", "{\"recording\":\"nonsense")
                .andExpect(status().isBadRequest())
                .andExpect(jsonPath("$.code").value("timetable.api.unreadable"));
        mvc.perform(post("/api/v1/slots")
                        .contentType(MediaType.APPLICATION_JSON)
                        .content(slot("17:00"))
                        .with(TestPeople.by(hoa)))
                .andExpect(status().isBadRequest())
                .andExpect(jsonPath("$.code").value("timetable.api.key"));
    }

    @Test
    void placesOfOthersAreRefused() throws Exception {
        send(
                        "k-4",
                        "{\"recording\":%d,\"date\":\"2026-11-23\",\"start\":\"17:00\",\"areas\":[\"99.1\"],\"controllers\":[987654]}"
                                .formatted(bulletin.value()))
                .andExpect(status().is(422))
                .andExpect(jsonPath("$.errors[0].field").value("targets"));
    }

    @Test
    void whoMayNotEditGetsNothingDone() throws Exception {
        hoa = people.with("khach", Role.VIEWER, communePath);
        send("k-5", slot("17:00")).andExpect(status().isForbidden());
    }

    private String slot(String start) {
        return "{\"recording\":%d,\"date\":\"2026-11-23\",\"start\":\"%s\",\"repeat\":\"DAILY\"}"
                .formatted(bulletin.value(), start);
    }

    private ResultActions send(String key, String body) throws Exception {
        return mvc.perform(post("/api/v1/slots")
                .header("Idempotency-Key", key)
                .contentType(MediaType.APPLICATION_JSON)
                .content(body)
                .with(TestPeople.by(hoa)));
    }
}

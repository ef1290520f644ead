package vn.loalang.web;

import jakarta.servlet.http.HttpServletResponse;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import vn.loalang.access.Access;
import vn.loalang.access.Role;

/** The stream of changes: {@code event: changed, data: <topic>}, and {@code event: beat} with the station's time
 * every 10 s. */
@RestController
class LiveEndpoint {
    private final LiveUpdates updates;
    private final Access access;

    LiveEndpoint(LiveUpdates updates, Access access) {
        this.updates = updates;
        this.access = access;
    }

    /**
     * Opens a stream. {@code Last-Event-ID} needs no answer of its own: on every opening the page reads its regions anew,
     * which also covers what a restarted server no longer knows.
     */
    @GetMapping(path = "/live", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter live(@RequestParam Set<String> topics, HttpServletResponse response) {
        access.requireAnywhere(Role.VIEWER);
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Accel-Buffering", "no");
        return updates.subscribe(topics.stream().limit(20).collect(Collectors.toUnmodifiableSet()));
    }
}

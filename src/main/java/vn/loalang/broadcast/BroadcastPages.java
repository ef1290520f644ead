package vn.loalang.broadcast;

import java.time.Clock;
import java.time.LocalTime;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.server.ResponseStatusException;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.web.Times;

/** The screen Hôm nay, and what was heard of one broadcast. */
@Controller
class BroadcastPages {
    private final BroadcastBoard board;
    private final Stations stations;
    private final Access access;
    private final Times times;
    private final Clock clock;

    BroadcastPages(BroadcastBoard board, Stations stations, Access access, Times times, Clock clock) {
        this.board = board;
        this.stations = stations;
        this.access = access;
        this.times = times;
        this.clock = clock;
    }

    /** What sounds now, which pole did what, what comes next. */
    @GetMapping("/today")
    String today(Model model) {
        fill(model);
        model.addAttribute("maySpeak", access.mayAnywhere(Role.OPERATOR));
        return "broadcast/today";
    }

    /** The live region of the screen. */
    @GetMapping("/today/now")
    String now(Model model) {
        fill(model);
        return "broadcast/today :: now";
    }

    /** One broadcast, pole by pole. */
    @GetMapping("/broadcasts/{oid}")
    String broadcast(@PathVariable String oid, Model model) {
        model.addAttribute("detail", detail(oid));
        return "broadcast/broadcast";
    }

    /** The live region of one broadcast. */
    @GetMapping("/broadcasts/{oid}/now")
    String broadcastNow(@PathVariable String oid, Model model) {
        model.addAttribute("detail", detail(oid));
        return "broadcast/broadcast :: now";
    }

    /** Everything one pole reported about one broadcast. */
    @GetMapping("/broadcasts/{oid}/{controller}")
    String playback(@PathVariable String oid, @PathVariable long controller, Model model) {
        var detail = detail(oid);
        var line = detail.lines().stream()
                .filter(it -> it.pole().id().value() == controller)
                .findFirst()
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        model.addAttribute("detail", detail);
        model.addAttribute("line", line);
        model.addAttribute(
                "steps", board.trail(detail.broadcast().id(), line.pole().id()));
        return "broadcast/playback";
    }

    private BroadcastBoard.Detail detail(String oid) {
        access.requireAnywhere(Role.VIEWER);
        return BroadcastId.parse(oid)
                .flatMap(id -> board.detail(id, access.scope(Role.VIEWER), clock.instant()))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    private void fill(Model model) {
        access.requireAnywhere(Role.VIEWER);
        var now = clock.instant();
        model.addAttribute("today", board.today(new StationId(stations.main().id()), access.scope(Role.VIEWER), now));
        model.addAttribute("second", LocalTime.ofInstant(now, times.zone()).toSecondOfDay());
    }
}

package vn.loalang.live;

import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Hearings;

/** Nói trực tiếp: the sheet to speak from, and what became of it. */
@Controller
class SpeakPages {
    private final LiveVoice voice;
    private final Speeches speeches;
    private final SpeakingPlaces places;
    private final Hearings hearings;
    private final Stations stations;
    private final Access access;
    private final LiveSettings settings;
    private final OnAirBar bar;

    SpeakPages(
            LiveVoice voice,
            Speeches speeches,
            SpeakingPlaces places,
            Hearings hearings,
            Stations stations,
            Access access,
            LiveSettings settings,
            OnAirBar bar) {
        this.voice = voice;
        this.speeches = speeches;
        this.places = places;
        this.hearings = hearings;
        this.stations = stations;
        this.access = access;
        this.settings = settings;
        this.bar = bar;
    }

    /** The sheet, and who speaks already. */
    @GetMapping("/speak")
    String sheet(Model model) {
        access.requireAnywhere(Role.OPERATOR);
        var station = new StationId(stations.main().id());
        model.addAttribute("places", places.offered(station, access.scope(Role.OPERATOR)));
        model.addAttribute("countdown", LiveVoice.COUNTDOWN.toMillis());
        model.addAttribute("longest", settings.longest().toMinutes());
        model.addAttribute("warning", settings.warning().toMillis());
        model.addAttribute("delay", delay());
        model.addAttribute("speakers", speakers());
        return "live/speak";
    }

    /** Where the air is taken: the live region of the sheet. */
    @GetMapping("/speak/now")
    String now(Model model) {
        access.requireAnywhere(Role.OPERATOR);
        model.addAttribute("speakers", speakers());
        return "live/speak :: taken";
    }

    /** What every page shows while somebody speaks. */
    @GetMapping(OnAirBar.SOURCE)
    String everywhere(Model model) {
        access.requireAnywhere(Role.VIEWER);
        model.addAttribute("shown", bar.now());
        return "live/everywhere :: now";
    }

    /** Ends what somebody else says, everywhere or on the poles of the leader who asks. */
    @PostMapping("/speak/{id}/stop")
    String stop(@PathVariable String id, @RequestParam(defaultValue = "") String reason) {
        var broadcast = BroadcastId.parse(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        voice.end(broadcast, reason);
        return "redirect:/speak/" + broadcast;
    }

    /** What became of a speech. */
    @GetMapping("/speak/{id}")
    String result(@PathVariable String id, Model model) {
        fill(id, model);
        return "live/result";
    }

    /** The live region of a speech that is over. */
    @GetMapping("/speak/{id}/result")
    String resultNow(@PathVariable String id, Model model) {
        fill(id, model);
        return "live/result :: now";
    }

    /** The live region of a speech that is on. */
    @GetMapping("/speak/{id}/now")
    String onAir(@PathVariable String id, Model model) {
        fill(id, model);
        model.addAttribute("quietFrom", quietFrom(id).orElse(null));
        return "live/speak :: heard";
    }

    /** When quiet hours begin at the first of the poles that hear this speech, should it last that long. */
    private Optional<LocalTime> quietFrom(String id) {
        var station = new StationId(stations.main().id());
        return voice.speakers(station).stream()
                .filter(speaker -> speaker.id().toString().equals(id))
                .findFirst()
                .flatMap(speaker -> places.quietFrom(
                        places.poles(station, speaker.ground()),
                        voice.standing(speaker.id()).left()));
    }

    private void fill(String id, Model model) {
        access.requireAnywhere(Role.VIEWER);
        var broadcast = BroadcastId.parse(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        var speech = speeches.find(broadcast).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        var hearing = hearings.of(broadcast, access.scope(Role.VIEWER))
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        model.addAttribute("speech", speech);
        model.addAttribute("hearing", hearing);
        model.addAttribute("stops", speeches.stops(broadcast));
        model.addAttribute("spoken", voice.standing(broadcast).spoken());
    }

    /** Who speaks where the reader might want to. */
    private List<LiveVoice.Speaker> speakers() {
        var mine = access.scope(Role.OPERATOR);
        return voice.speakers(new StationId(stations.main().id())).stream()
                .filter(speaker -> speaker.ground().stream().anyMatch(mine::meets))
                .toList();
    }

    /** How much later loudspeakers sound than the mouth, whole seconds. */
    private long delay() {
        return settings.jitter()
                .plusMillis(Speech.CHUNK_MILLIS)
                .plus(Duration.ofMillis(500))
                .toSeconds();
    }
}

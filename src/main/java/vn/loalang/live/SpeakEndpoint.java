package vn.loalang.live;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.broadcast.BroadcastId;

/**
 * Sound from the browser: the air is opened, samples come in a chain of small requests, each with its place in the speech, the
 * air is closed. Every answer says how the speech stands.
 */
@RestController
@RequestMapping("/api/v1/speeches")
class SpeakEndpoint {
    /** Two seconds of samples. */
    private static final int MOST_BYTES = 96_000;

    private static final long MOST_SAMPLES = 24_000L * 3600;
    private static final String SPEAKING = Speaking.class.getName();

    private final LiveVoice voice;
    private final Stations stations;
    private final MessageSource messages;

    SpeakEndpoint(LiveVoice voice, Stations stations, MessageSource messages) {
        this.voice = voice;
        this.stations = stations;
        this.messages = messages;
    }

    /**
     * How a speech stands.
     *
     * @param spoken ms on the air
     * @param left ms until it ends by itself
     * @param ending why it ended, null while it lasts
     * @param why the same in the reader's language
     */
    record View(
            String id,
            long spoken,
            long left,
            @Nullable Ending ending,
            @Nullable String why) {}

    /** Lies in the speaker's session and falls out of it when that ends: by signing out, by a new password, with the account. */
    private record Speaking(LiveVoice voice, BroadcastId id) implements HttpSessionBindingListener {
        @Override
        public void valueUnbound(HttpSessionBindingEvent event) {
            voice.left(id);
        }
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    View open(@RequestParam(defaultValue = "") List<String> area, HttpServletRequest request, Locale locale) {
        var opened = voice.open(new StationId(stations.main().id()), paths(area));
        request.getSession().setAttribute(SPEAKING, new Speaking(voice, opened.id()));
        return view(opened, locale);
    }

    @PostMapping(path = "/{id}/sound", consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    View sound(@PathVariable String id, @RequestParam long at, @RequestBody byte[] pcm, Locale locale) {
        if (pcm.length > MOST_BYTES || pcm.length % 2 != 0 || at < 0 || at > MOST_SAMPLES) {
            throw new Refusal("", "live.refused.sound", MOST_BYTES);
        }
        return view(voice.hear(id(id), at, pcm), locale);
    }

    @PostMapping("/{id}/end")
    View end(@PathVariable String id, Locale locale) {
        return view(voice.end(id(id), ""), locale);
    }

    private View view(LiveVoice.Standing standing, Locale locale) {
        var ending = standing.ending();
        return new View(
                standing.id().toString(),
                standing.spoken().toMillis(),
                Math.max(0, standing.left().toMillis()),
                ending,
                ending == null ? null : messages.getMessage("live.ending." + ending, null, locale));
    }

    private static Set<AreaPath> paths(List<String> areas) {
        try {
            return areas.stream().map(AreaPath::of).collect(Collectors.toUnmodifiableSet());
        } catch (IllegalArgumentException e) {
            throw new Refusal("area", "live.refused.area", String.join(", ", areas));
        }
    }

    private static BroadcastId id(String text) {
        return BroadcastId.parse(text).orElseThrow(() -> new Refusal("", "live.refused.missing"));
    }
}

package vn.loalang.live;

import java.util.List;
import org.springframework.stereotype.Component;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.web.Everywhere;

/** What every page shows while others speak live: who, where, and how whoever looks may end it. */
@Component
class OnAirBar implements Everywhere {
    static final String SOURCE = "/speak/everywhere";

    private final LiveVoice voice;
    private final Speeches speeches;
    private final Stations stations;
    private final Access access;

    OnAirBar(LiveVoice voice, Speeches speeches, Stations stations, Access access) {
        this.voice = voice;
        this.speeches = speeches;
        this.stations = stations;
        this.access = access;
    }

    /**
     * What the bar shows of somebody who speaks.
     *
     * @param own where the reader may end it as a leader, in words
     * @param stops where it was ended already
     */
    record Shown(LiveVoice.Speaker speaker, LiveVoice.Allowed allowed, String own, List<Speeches.Stop> stops) {
        Shown {
            stops = List.copyOf(stops);
        }
    }

    @Override
    public Role role() {
        return Role.VIEWER;
    }

    @Override
    public String topics() {
        return LiveVoice.TOPIC.name();
    }

    @Override
    public String source() {
        return SOURCE;
    }

    @Override
    public String template() {
        return "live/everywhere";
    }

    @Override
    public List<Shown> now() {
        return voice.speakers(new StationId(stations.main().id())).stream()
                .filter(this::concernsMe)
                .map(speaker -> {
                    var allowed = voice.allowed(speaker.id());
                    return new Shown(speaker, allowed, voice.names(allowed.places()), speeches.stops(speaker.id()));
                })
                .toList();
    }

    /** The speaker has a page of his own; and nobody is told of what sounds in places that he may not look at. */
    private boolean concernsMe(LiveVoice.Speaker speaker) {
        var seen = access.scope(Role.VIEWER);
        return speaker.personId() != access.me().personId()
                && speaker.ground().stream().anyMatch(seen::meets);
    }
}

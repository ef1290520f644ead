package vn.loalang.live;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.web.Everywhere;

/** What every page shows while somebody else speaks live: who, where, and how whoever looks may end it. */
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
     * What the bar shows.
     *
     * @param speaker null while nobody speaks whom the reader might hear
     * @param own where the reader may end it as a leader, in words
     * @param stops where it was ended already
     */
    record Shown(
            LiveVoice.@Nullable Speaker speaker,
            LiveVoice.@Nullable Allowed allowed,
            String own,
            List<Speeches.Stop> stops) {
        private static final Shown NOTHING = new Shown(null, null, "", List.of());
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
    public Shown now() {
        return voice.speaker(new StationId(stations.main().id()))
                .filter(this::concernsMe)
                .map(speaker -> {
                    var allowed = voice.allowed(speaker.id());
                    return new Shown(speaker, allowed, voice.names(allowed.places()), speeches.stops(speaker.id()));
                })
                .orElse(Shown.NOTHING);
    }

    /** The speaker has a page of his own; and nobody is told of what sounds in places that he may not look at. */
    private boolean concernsMe(LiveVoice.Speaker speaker) {
        var seen = access.scope(Role.VIEWER);
        return speaker.personId() != access.me().personId()
                && speaker.ground().stream()
                        .anyMatch(area ->
                                seen.covers(area) || seen.roots().stream().anyMatch(area::covers));
    }
}

package vn.loalang.broadcast;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.area.Authority;
import vn.loalang.area.SqlTime;
import vn.loalang.audio.Recording;
import vn.loalang.audio.RecordingId;
import vn.loalang.audio.Recordings;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.Hash;
import vn.loalang.web.LiveUpdates;

/**
 * Orders to sound. Start, sounds and slot of a broadcast never change: who wants another start cancels it and plans a new
 * one. Every change tells {@link TimelinesChanged} inside the transaction.
 */
@Component
public class Broadcasts {
    /** The longest broadcast that a plan item can carry. */
    static final Duration LONGEST = Duration.ofHours(4);

    /** States that are taken back without a controller being asked: nothing of it can have sounded as far as we know. */
    /** Playbacks of an order that get its moments at once; each costs some 20 µs. */
    private static final int SETTLED_AT_ONCE = 500;

    private static final List<String> UNSOUNDED = PlaybackState.CANCELLED.predecessors();

    private static final List<String> STAYS_IN_PLAN = java.util.Arrays.stream(PlaybackState.values())
            .filter(PlaybackState::staysInPlan)
            .map(Enum::name)
            .toList();

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final Recordings recordings;
    private final Clock clock;
    private final ApplicationEventPublisher events;
    private final LiveUpdates live;

    Broadcasts(
            JdbcClient jdbc,
            JdbcTemplate batches,
            Recordings recordings,
            Clock clock,
            ApplicationEventPublisher events,
            LiveUpdates live) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.recordings = recordings;
        this.clock = clock;
        this.events = events;
        this.live = live;
    }

    /**
     * Plans a broadcast with one playback per controller.
     *
     * @throws IllegalArgumentException when a recording is missing or all together last more than four hours
     */
    @Transactional
    public BroadcastId plan(NewBroadcast wanted) {
        var sounds = wanted.recordings().stream().map(this::recording).toList();
        var length = sounds.stream().map(Recording::duration).reduce(Duration.ZERO, Duration::plus);
        if (length.isZero() || length.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("the recordings last " + length + ", allowed are up to " + LONGEST);
        }
        var end = wanted.start().plusSeconds(wholeSeconds(length));
        var id = BroadcastId.random();
        jdbc.sql("""
                        insert into broadcast_broadcast (id, station_id, priority, authority, origin, status, slot_id,
                          slot_revision, programme_version_id, title, starts_at, latest_start, ends_at, volume, planned_at)
                        values (:id, :station, :priority, :authority, :origin, :status, :slot, :revision, :programme, :title,
                          :start, :latestStart, :end, :volume, :now)""")
                .param("id", id.value())
                .param("station", wanted.station().value())
                .param("priority", wanted.priority().name())
                .param("authority", wanted.authority().name())
                .param("origin", wanted.origin().name())
                .param("status", wanted.status().name())
                .param("slot", wanted.slotId())
                .param("revision", wanted.slotRevision())
                .param(
                        "programme",
                        wanted.programmeVersionId() == null
                                ? null
                                : wanted.programmeVersionId().value())
                .param("title", wanted.title())
                .param("start", SqlTime.of(wanted.start()))
                .param("latestStart", SqlTime.of(wanted.latestStart()))
                .param("end", SqlTime.of(end))
                .param("volume", wanted.volume())
                .param("now", SqlTime.of(clock.instant()))
                .update();
        store(id, sounds);
        addPlaybacks(id, wanted.controllers());
        changed(wanted.controllers());
        return id;
    }

    /**
     * Prepares an order with one playback per controller. Nobody is shown it and nothing sounds until it is released.
     *
     * @throws IllegalArgumentException when a recording is missing
     */
    @Transactional
    public BroadcastId arm(OrderPlan wanted) {
        var sounds = wanted.recordings().stream().map(this::recording).toList();
        var id = BroadcastId.random();
        var now = clock.instant();
        jdbc.sql("""
                        insert into broadcast_broadcast (id, station_id, priority, authority, origin, status, title, starts_at,
                          latest_start, ends_at, volume, planned_at, repetitions, repetition_ms, armed)
                        values (:id, :station, :priority, :authority, :origin, :status, :title, :now, :end, :end, :volume, :now,
                          :repetitions, :repetition, true)""")
                .param("id", id.value())
                .param("station", wanted.station().value())
                .param("priority", wanted.priority().name())
                .param("authority", wanted.authority().name())
                .param("origin", wanted.origin().name())
                .param("status", wanted.status().name())
                .param("title", wanted.title())
                .param("now", SqlTime.of(now))
                .param("end", SqlTime.of(now.plus(wanted.life())))
                .param("volume", wanted.volume())
                .param("repetitions", wanted.repetitions())
                .param("repetition", wanted.repetition().toMillis())
                .update();
        store(id, sounds);
        batches.batchUpdate(
                """
                insert into broadcast_playback (broadcast_id, controller_id, starts_at, ends_at, state, sound_ms)
                values (?, ?, ?, ?, 'PLANNED', ?)""",
                wanted.controllers().stream()
                        .map(controller -> new Object[] {
                            id.value(),
                            controller.value(),
                            SqlTime.of(now),
                            SqlTime.of(now.plus(wanted.life())),
                            wanted.sound(controller).toMillis()
                        })
                        .toList());
        return id;
    }

    /**
     * The order is out: from now on it is shown, once and never again.
     *
     * @param start when it begins to sound
     * @return whether it was armed until now
     */
    @Transactional
    public boolean release(BroadcastId id, Instant start, Instant end) {
        return jdbc.sql("""
                                update broadcast_broadcast set armed = false, settled = false, starts_at = :start,
                                  latest_start = :end, ends_at = :end
                                where id = :id and armed = true and cancelled_at is null""")
                        .param("start", SqlTime.of(start))
                        .param("end", SqlTime.of(end))
                        .param("id", id.value())
                        .update()
                > 0;
    }

    /** Carries the moments of an order to its playbacks, which may be thousands: after it is out, not before. */
    @Transactional
    public void settle(BroadcastId id, Instant start, Instant end) {
        jdbc.sql("""
                        update broadcast_playback set starts_at = :start,
                          ends_at = case when silenced_at is null then :end else ends_at end,
                          state = case when state = 'PLANNED' then 'SENT' else state end
                        where broadcast_id = :id""")
                .param("start", SqlTime.of(start))
                .param("end", SqlTime.of(end))
                .param("id", id.value())
                .update();
        jdbc.sql("update broadcast_broadcast set settled = true where id = :id")
                .param("id", id.value())
                .update();
        live.changed(Playbacks.PLAYBACKS);
    }

    /** Whether an order is for so many poles that {@link #settle} should wait until the first rush of reports is over. */
    @Transactional(readOnly = true)
    public boolean isLarge(BroadcastId id) {
        return jdbc.sql("select count(*) from broadcast_playback where broadcast_id = :id")
                        .param("id", id.value())
                        .query(Long.class)
                        .single()
                > SETTLED_AT_ONCE;
    }

    private record Unsettled(BroadcastId id, Instant start, Instant end) {}

    /** Settles released orders that are not settled yet, also those that an earlier process has left. */
    @Transactional
    public void settleRest() {
        jdbc.sql("select id, starts_at, ends_at from broadcast_broadcast where settled = false")
                .query((row, number) -> new Unsettled(
                        new BroadcastId(row.getLong("id")), SqlTime.get(row, "starts_at"), SqlTime.get(row, "ends_at")))
                .list()
                .forEach(each -> settle(each.id(), each.start(), each.end()));
    }

    /**
     * Ends an order before its time: it was cleared, or taken back before its release. Where it sounds its state changes when
     * the controller says so; where nothing of it was heard it never will be.
     */
    @Transactional
    public void end(BroadcastId id, String reason) {
        var now = SqlTime.of(clock.instant());
        var ended = jdbc.sql("""
                        update broadcast_broadcast set cancelled_at = :now, cancel_reason = :reason
                        where id = :id and cancelled_at is null""")
                .param("now", now)
                .param("reason", reason.length() <= 200 ? reason : reason.substring(0, 200))
                .param("id", id.value())
                .update();
        if (ended > 0) {
            live.changed(Playbacks.PLAYBACKS);
        }
    }

    /**
     * Somebody has ended an order on these poles, elsewhere it goes on. Where it sounds its state changes when the controller says
     * so.
     */
    @Transactional
    public void silence(BroadcastId id, Set<ControllerId> controllers) {
        if (controllers.isEmpty()) {
            return;
        }
        jdbc.sql("""
                        update broadcast_playback set silenced_at = :now, ends_at = least(ends_at, :now)
                        where broadcast_id = :id and controller_id in (:controllers) and silenced_at is null""")
                .param("now", SqlTime.of(clock.instant()))
                .param("id", id.value())
                .param(
                        "controllers",
                        controllers.stream().map(ControllerId::value).toList())
                .update();
        live.changed(Playbacks.PLAYBACKS);
    }

    /**
     * Live voice is over. Unlike an order taken back it was said to its end, so it is not called cancelled.
     *
     * @param end when its last sound is over, taken as a second after the start at least; an end that is known already stays
     * @param sound how long it sounded
     */
    @Transactional
    public void over(BroadcastId id, Instant end, Duration sound) {
        var ended = jdbc.sql("""
                        update broadcast_broadcast set ends_at = greatest(:end, starts_at + interval '1' second),
                          latest_start = least(latest_start, greatest(:end, starts_at + interval '1' second))
                        where id = :id and origin = 'LIVE' and cancelled_at is null and ends_at > :end""")
                .param("end", SqlTime.of(end))
                .param("id", id.value())
                .update();
        if (ended > 0) {
            jdbc.sql("""
                            update broadcast_playback set sound_ms = :sound,
                              ends_at = case when silenced_at is null then :end else ends_at end
                            where broadcast_id = :id""")
                    .param("end", SqlTime.of(end))
                    .param("sound", sound.toMillis())
                    .param("id", id.value())
                    .update();
            live.changed(Playbacks.PLAYBACKS);
        }
    }

    /**
     * Keeps what was said live with its broadcast. Again does nothing.
     *
     * @throws IllegalArgumentException when there is no such recording
     */
    @Transactional
    public void attach(BroadcastId id, RecordingId recording) {
        var none = jdbc.sql("select count(*) from broadcast_asset where broadcast_id = :id")
                        .param("id", id.value())
                        .query(Long.class)
                        .single()
                == 0;
        if (none) {
            store(id, List.of(recording(recording)));
            live.changed(Playbacks.PLAYBACKS);
        }
    }

    /** Playbacks that nothing was reported of are taken back: their order never left the server. */
    @Transactional
    public void takeBack(BroadcastId id) {
        jdbc.sql("""
                        update broadcast_playback set state = 'CANCELLED', reason = 'CANCELLED'
                        where broadcast_id = :id and state in (:before)""").param("id", id.value()).param("before", UNSOUNDED).update();
        live.changed(Playbacks.PLAYBACKS);
    }

    /** What people call it; empty for an id that nothing has. */
    public Optional<String> title(BroadcastId id) {
        return jdbc.sql("select title from broadcast_broadcast where id = :id")
                .param("id", id.value())
                .query(String.class)
                .optional();
    }

    /** The poles an order is for. */
    public Set<ControllerId> controllers(BroadcastId id) {
        return Set.copyOf(jdbc.sql("select controller_id from broadcast_playback where broadcast_id = :id")
                .param("id", id.value())
                .query((row, number) -> new ControllerId(row.getLong(1)))
                .list());
    }

    /**
     * Gives the broadcast these controllers. Where it has sounded or sounds already nothing is taken back; nothing is added
     * once it is over. Playbacks taken back are {@code CANCELLED} for the reason {@link Reason#WITHDRAWN}; if the
     * controller comes back among the targets they are wanted again under the same oid.
     */
    @Transactional
    public void retarget(BroadcastId id, Set<ControllerId> controllers) {
        var now = clock.instant();
        var over = jdbc.sql(
                                "select count(*) from broadcast_broadcast where id = :id and cancelled_at is null and ends_at > :now")
                        .param("id", id.value())
                        .param("now", SqlTime.of(now))
                        .query(Long.class)
                        .single()
                == 0;
        if (over) {
            return;
        }
        var known = new HashMap<ControllerId, Boolean>();
        jdbc.sql("select controller_id, state, reason from broadcast_playback where broadcast_id = :id")
                .param("id", id.value())
                .query((ResultSet row) -> {
                    var withdrawn = PlaybackState.CANCELLED.name().equals(row.getString("state"))
                            && Reason.WITHDRAWN.name().equals(row.getString("reason"));
                    known.put(new ControllerId(row.getLong("controller_id")), withdrawn);
                });
        var changed = new HashSet<ControllerId>();
        for (var playback : known.entrySet()) {
            var controller = playback.getKey();
            if (controllers.contains(controller) && playback.getValue()) {
                changed.add(controller);
                jdbc.sql("""
                                update broadcast_playback set state = 'PLANNED', reason = null
                                where broadcast_id = :id and controller_id = :controller and state = 'CANCELLED'
                                  and reason = 'WITHDRAWN' and started_at is null""")
                        .param("id", id.value())
                        .param("controller", controller.value())
                        .update();
            } else if (!controllers.contains(controller) && !playback.getValue()) {
                changed.add(controller);
                jdbc.sql("""
                                update broadcast_playback set state = 'CANCELLED', reason = 'WITHDRAWN'
                                where broadcast_id = :id and controller_id = :controller and state in (:before)""")
                        .param("id", id.value())
                        .param("controller", controller.value())
                        .param("before", UNSOUNDED)
                        .update();
            }
        }
        var added = new HashSet<>(controllers);
        added.removeAll(known.keySet());
        addPlaybacks(id, added);
        changed.addAll(added);
        changed(changed);
    }

    /**
     * Changes how loud it is and how late it may begin; the oid stays, and a playing one takes the new volume over.
     *
     * @param volume percent, 1 to 100
     * @param latestStart at most an hour after the start
     */
    @Transactional
    public void adjust(BroadcastId id, int volume, Instant latestStart) {
        NewBroadcast.checkVolume(volume);
        var start = jdbc.sql("select starts_at from broadcast_broadcast where id = :id")
                .param("id", id.value())
                .query((row, number) -> SqlTime.get(row, "starts_at"))
                .optional();
        if (start.isEmpty()) {
            return;
        }
        NewBroadcast.checkLatestStart(start.get(), latestStart);
        var changed = jdbc.sql("""
                        update broadcast_broadcast set volume = :volume, latest_start = :latestStart
                        where id = :id and cancelled_at is null and (volume <> :volume or latest_start <> :latestStart)""")
                .param("volume", volume)
                .param("latestStart", SqlTime.of(latestStart))
                .param("id", id.value())
                .update();
        if (changed > 0) {
            changed(stillConcerned(id));
        }
    }

    /**
     * Takes a broadcast back: it leaves every plan. Where it sounds already its state changes when the controller says that
     * it has fallen silent. Again does nothing.
     *
     * @param reason for people who look at it later, at most 200 characters
     */
    @Transactional
    public void cancel(BroadcastId id, String reason) {
        var concerned = stillConcerned(id);
        var cancelled = jdbc.sql("""
                        update broadcast_broadcast set cancelled_at = :now, cancel_reason = :reason
                        where id = :id and cancelled_at is null""")
                .param("now", SqlTime.of(clock.instant()))
                .param("reason", reason.length() <= 200 ? reason : reason.substring(0, 200))
                .param("id", id.value())
                .update();
        if (cancelled == 0) {
            return;
        }
        jdbc.sql("""
                        update broadcast_playback set state = 'CANCELLED', reason = 'CANCELLED'
                        where broadcast_id = :id and state in (:before)""").param("id", id.value()).param("before", UNSOUNDED).update();
        changed(concerned);
    }

    /** What the slot has brought forth that is not cancelled and starts at {@code from} or later, earliest first. */
    public List<PlannedBroadcast> plannedBySlot(long slotId, Instant from) {
        var rows = jdbc.sql("""
                        select id, slot_revision, title, starts_at, latest_start, ends_at, volume from broadcast_broadcast
                        where slot_id = :slot and starts_at >= :from and cancelled_at is null order by starts_at, id""")
                .param("slot", slotId)
                .param("from", SqlTime.of(from))
                .query((row, number) -> new PlannedBroadcast(
                        new BroadcastId(row.getLong("id")),
                        row.getLong("slot_revision"),
                        row.getString("title"),
                        SqlTime.get(row, "starts_at"),
                        SqlTime.get(row, "latest_start"),
                        SqlTime.get(row, "ends_at"),
                        row.getInt("volume"),
                        List.of(),
                        Set.of()))
                .list();
        if (rows.isEmpty()) {
            return rows;
        }
        var ids = rows.stream().map(it -> it.id().value()).toList();
        var sounds = new HashMap<Long, List<RecordingId>>();
        jdbc.sql("""
                        select broadcast_id, recording_id from broadcast_asset where broadcast_id in (:ids)
                        order by broadcast_id, position""").param("ids", ids).query((ResultSet row) -> {
            sounds.computeIfAbsent(row.getLong(1), id -> new ArrayList<>()).add(new RecordingId(row.getLong(2)));
        });
        var controllers = new HashMap<Long, Set<ControllerId>>();
        jdbc.sql("""
                        select broadcast_id, controller_id from broadcast_playback
                        where broadcast_id in (:ids) and state <> 'CANCELLED'""").param("ids", ids).query((ResultSet row) -> {
            controllers.computeIfAbsent(row.getLong(1), id -> new TreeSet<>()).add(new ControllerId(row.getLong(2)));
        });
        return rows.stream()
                .map(it -> new PlannedBroadcast(
                        it.id(),
                        it.slotRevision(),
                        it.title(),
                        it.start(),
                        it.latestStart(),
                        it.end(),
                        it.volume(),
                        sounds.getOrDefault(it.id().value(), List.of()),
                        controllers.getOrDefault(it.id().value(), Set.of())))
                .toList();
    }

    /**
     * What the controller shall sound, or tell us the end of: broadcasts that overlap the span, are not cancelled, and whose
     * outcome on this controller is not settled for good. One that was interrupted stays, for the controller may join in again;
     * so do unknown and missed ones, see {@link PlaybackState#staysInPlan}.
     *
     * @return by start, then by oid
     */
    public List<TimelineEntry> timeline(ControllerId controller, Instant from, Instant till) {
        var entries = new LinkedHashMap<Long, TimelineEntry>();
        jdbc.sql(TIMELINE)
                .param("controller", controller.value())
                .param("earliest", SqlTime.of(from.minus(LONGEST)))
                .param("from", SqlTime.of(from))
                .param("till", SqlTime.of(till))
                .param("states", STAYS_IN_PLAN)
                .query((ResultSet row) -> {
                    entries.put(row.getLong("id"), entry(row));
                });
        if (entries.isEmpty()) {
            return List.of();
        }
        var assets = assets(entries.keySet());
        return entries.entrySet().stream()
                .map(it -> {
                    var entry = it.getValue();
                    return new TimelineEntry(
                            entry.oid(),
                            entry.start(),
                            entry.duration(),
                            entry.priority(),
                            entry.volume(),
                            entry.lateness(),
                            assets.getOrDefault(it.getKey(), List.of()));
                })
                .sorted(java.util.Comparator.comparing(TimelineEntry::start).thenComparing(TimelineEntry::oid))
                .toList();
    }

    static final String TIMELINE = """
            select b.id, b.starts_at, b.ends_at, b.latest_start, b.priority, b.authority, b.volume
            from broadcast_playback p join broadcast_broadcast b on b.id = p.broadcast_id
            where p.controller_id = :controller and p.starts_at > :earliest and p.starts_at < :till and p.ends_at > :from
              and p.state in (:states) and b.cancelled_at is null and b.origin = 'SLOT'""";

    private static TimelineEntry entry(ResultSet row) throws SQLException {
        var start = SqlTime.get(row, "starts_at");
        return new TimelineEntry(
                new BroadcastId(row.getLong("id")).oid(),
                start,
                Duration.between(start, SqlTime.get(row, "ends_at")),
                Priority.valueOf(row.getString("priority")).wireNumber(Authority.valueOf(row.getString("authority"))),
                row.getInt("volume"),
                Duration.ofSeconds(Duration.between(start, SqlTime.get(row, "latest_start"))
                        .toSeconds()),
                List.of());
    }

    private Map<Long, List<TimelineEntry.Asset>> assets(Collection<Long> broadcasts) {
        var assets = new HashMap<Long, List<TimelineEntry.Asset>>();
        jdbc.sql("""
                        select broadcast_id, asset_hash, asset_bytes from broadcast_asset where broadcast_id in (:ids)
                        order by broadcast_id, position""").param("ids", broadcasts).query((ResultSet row) -> {
            assets.computeIfAbsent(row.getLong(1), id -> new ArrayList<>())
                    .add(new TimelineEntry.Asset(Hash.parseHex(row.getString(2)), row.getLong(3)));
        });
        return assets;
    }

    private void store(BroadcastId id, List<Recording> sounds) {
        for (int i = 0; i < sounds.size(); i++) {
            var sound = sounds.get(i);
            jdbc.sql("""
                            insert into broadcast_asset (broadcast_id, position, language, recording_id, asset_hash, asset_bytes,
                              duration_ms)
                            values (:broadcast, :position, :language, :recording, :hash, :bytes, :duration)""")
                    .param("broadcast", id.value())
                    .param("position", i + 1)
                    .param("language", sound.language())
                    .param("recording", sound.id().value())
                    .param("hash", sound.canonicalHash().hex())
                    .param("bytes", sound.canonicalBytes())
                    .param("duration", Math.max(1, sound.duration().toMillis()))
                    .update();
        }
    }

    private void addPlaybacks(BroadcastId id, Collection<ControllerId> controllers) {
        batches.batchUpdate(
                """
                insert into broadcast_playback (broadcast_id, controller_id, starts_at, ends_at, state, asset_hash, language)
                select b.id, ?, b.starts_at, b.ends_at, 'PLANNED', a.asset_hash, a.language
                from broadcast_broadcast b join broadcast_asset a on a.broadcast_id = b.id and a.position = 1
                where b.id = ?""",
                controllers.stream()
                        .map(controller -> new Object[] {controller.value(), id.value()})
                        .toList());
    }

    private Set<ControllerId> stillConcerned(BroadcastId id) {
        return Set.copyOf(jdbc.sql("""
                        select controller_id from broadcast_playback where broadcast_id = :id and state in (:states)""")
                .param("id", id.value())
                .param("states", STAYS_IN_PLAN)
                .query((row, number) -> new ControllerId(row.getLong(1)))
                .list());
    }

    private void changed(Set<ControllerId> controllers) {
        live.changed(Playbacks.PLAYBACKS);
        if (!controllers.isEmpty()) {
            events.publishEvent(new TimelinesChanged(controllers));
        }
    }

    private Recording recording(RecordingId id) {
        return recordings
                .find(id)
                .orElseThrow(() -> new IllegalArgumentException("there is no recording " + id.value()));
    }

    private static long wholeSeconds(Duration length) {
        return length.plusMillis(999).toSeconds();
    }
}

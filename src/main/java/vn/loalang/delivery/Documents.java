package vn.loalang.delivery;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ToLongBiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import vn.loalang.area.SqlTime;
import vn.loalang.delivery.rules.Issue;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;

/**
 * The signed documents, one current per row of state. The database is the truth; the broker only repeats it. Whoever changes
 * several in one transaction does so in {@link #ORDER}: two in different orders would wait for each other for ever.
 */
@Component
class Documents {
    /** How urgently a document goes out; lower numbers first. */
    static final int FIRST = 0;

    static final int URGENT = 1;
    static final int SOON = 3;
    static final int ROUTINE = 5;
    static final int REPEATED = 9;

    static final Comparator<Stored> ORDER = byRow(Stored::scope, Stored::row);

    private static final String ENSURE =
            "insert into delivery_mark (recipient, row_name, seq) values (?, ?, 0) on conflict do nothing";

    private static final String RAISE =
            "update delivery_mark set seq = ? where recipient = ? and row_name = ? and seq < ?";

    private static final String COLUMNS =
            "id, recipient, row_name, seq, topic, body, content_hash, issued_at, expires_at, controller_id, items, assets";

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    Documents(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /**
     * A stored document.
     *
     * @param contentHash of what it says, without numbers and moments of issue
     * @param items what a plan holds, see {@link PlanItems}
     * @param assets hashes it names
     * @param expiresAt last moment at which a box may accept it; null where that is not asked
     */
    record Stored(
            long id,
            Row row,
            long seq,
            String topic,
            Bytes body,
            String contentHash,
            Instant issuedAt,
            @Nullable ControllerId controller,
            String items,
            List<Hash> assets,
            Scope scope,
            @Nullable Instant expiresAt) {
        /** What it says. */
        Document document() {
            return Document.inMessage(body.toArray());
        }

        /** Whether a box may still accept it. */
        boolean live(Instant now) {
            return expiresAt == null || expiresAt.isAfter(now);
        }

        Stored {
            assets = List.copyOf(assets);
        }
    }

    /** A signed message about to be stored. */
    record Fresh(
            Scope to,
            Row row,
            String topic,
            @Nullable DeviceId unit,
            @Nullable ControllerId controller,
            long seq,
            Instant issuedAt,
            String contentHash,
            String items,
            List<Hash> assets,
            Bytes body,
            @Nullable Instant expiresAt) {
        Fresh {
            assets = List.copyOf(assets);
        }

        Fresh(
                Scope to,
                Row row,
                String topic,
                @Nullable DeviceId unit,
                @Nullable ControllerId controller,
                long seq,
                Instant issuedAt,
                String contentHash,
                String items,
                List<Hash> assets,
                Bytes body) {
            this(to, row, topic, unit, controller, seq, issuedAt, contentHash, items, assets, body, null);
        }

        private Stored stored(long id) {
            return new Stored(
                    id, row, seq, topic, body, contentHash, issuedAt, controller, items, assets, to, expiresAt);
        }
    }

    /** The current document of a row. */
    Optional<Stored> current(Scope to, Row row) {
        return jdbc.sql("select " + COLUMNS + " from delivery_document where current_key = :key")
                .param("key", key(to, row))
                .query(Documents::stored)
                .optional();
    }

    /** The current documents of those of these rows of orders or sessions that have one. */
    Map<Row, Stored> current(Collection<Row> rows) {
        return jdbc
                .sql("select " + COLUMNS + " from unnest(cast(:keys as varchar array)) as asked(name)"
                        + " join delivery_document on current_key = asked.name")
                .param("keys", rows.stream().map(Documents::key).toArray(String[]::new))
                .query(Documents::stored)
                .list()
                .stream()
                .collect(Collectors.toMap(Stored::row, document -> document));
    }

    /** Current documents of one device, without the deployment's. */
    List<Stored> currentOf(DeviceId unit) {
        return currentOf(List.of(unit)).getOrDefault(unit, List.of());
    }

    /** Current documents of each device that has some, without the deployment's. */
    Map<DeviceId, List<Stored>> currentOf(Collection<DeviceId> units) {
        var current = new HashMap<DeviceId, List<Stored>>();
        jdbc.sql("select " + COLUMNS + ", unit_id from unnest(cast(:units as varchar array)) as asked(unit)"
                        + " join delivery_document on unit_id = asked.unit and superseded_at is null order by row_name")
                .param("units", names(units))
                .query(row -> {
                    current.computeIfAbsent(new DeviceId(row.getString("unit_id")), unit -> new ArrayList<>())
                            .add(stored(row, 0));
                });
        return current;
    }

    /** Files that these documents name. */
    static Set<Hash> files(Collection<Stored> documents) {
        return documents.stream()
                .flatMap(document -> document.assets().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /**
     * What the server knows of the rows of one device.
     *
     * @param marks highest number ever used, of each row
     * @param current number of the current document, of each row that has one
     */
    record Known(Map<Row, Long> marks, Map<Row, Long> current) {
        static final Known NOTHING = new Known(Map.of(), Map.of());

        Known {
            marks = Map.copyOf(marks);
            current = Map.copyOf(current);
        }
    }

    /** What is known of the rows of each of these devices. */
    Map<DeviceId, Known> known(Collection<DeviceId> units) {
        var marks = new HashMap<DeviceId, Map<Row, Long>>();
        var current = new HashMap<DeviceId, Map<Row, Long>>();
        if (!units.isEmpty()) {
            var byScope = units.stream()
                    .collect(Collectors.toMap(unit -> Scope.of(unit).wire(), unit -> unit));
            jdbc.sql("""
                            select recipient, row_name, seq from unnest(cast(:scopes as varchar array)) as asked(scope)
                            join delivery_mark on recipient = asked.scope""")
                    .param("scopes", byScope.keySet().toArray(String[]::new))
                    .query(row -> {
                        marks.computeIfAbsent(byScope.get(row.getString(1)), unit -> new HashMap<>())
                                .put(Row.parse(row.getString(2)), row.getLong(3));
                    });
            jdbc.sql("""
                            select unit_id, row_name, seq from unnest(cast(:units as varchar array)) as asked(unit)
                            join delivery_document on unit_id = asked.unit and superseded_at is null""").param("units", names(units)).query(row -> {
                current.computeIfAbsent(new DeviceId(row.getString(1)), unit -> new HashMap<>())
                        .put(Row.parse(row.getString(2)), row.getLong(3));
            });
        }
        return units.stream()
                .collect(Collectors.toMap(
                        unit -> unit,
                        unit -> new Known(marks.getOrDefault(unit, Map.of()), current.getOrDefault(unit, Map.of()))));
    }

    /** For {@code unnest}: a list in the condition would be gone through again for every row. */
    static String[] names(Collection<DeviceId> units) {
        return units.stream().map(DeviceId::value).toArray(String[]::new);
    }

    /** Orders of ours that a document names. */
    List<vn.loalang.protocol.Oid> ordersIn(Scope to, Row row, long seq) {
        return issued(to, row, seq).map(Stored::items).filter(items -> !items.isEmpty()).stream()
                .flatMap(items -> java.util.Arrays.stream(items.split(" ", -1)))
                .map(item -> item.substring(0, item.indexOf('=')))
                .filter(sid -> sid.length() <= 16)
                .map(vn.loalang.protocol.Oid::new)
                .toList();
    }

    /** The plan a device says it has applied, if we still know it. */
    Optional<Stored> plan(DeviceId unit, long seq) {
        return jdbc.sql("select " + COLUMNS
                        + " from delivery_document where recipient = :to and row_name = 'plan' and seq = :seq")
                .param("to", Scope.of(unit).wire())
                .param("seq", seq)
                .query(Documents::stored)
                .optional();
    }

    /** The pole for which a device was last told to play this; boxes move, their journals arrive late. */
    Optional<ControllerId> controllerTold(DeviceId unit, String oid) {
        return jdbc.sql("""
                        select controller_id from delivery_document
                        where unit_id = :unit and row_name = 'plan' and controller_id is not null and items like :item
                        order by id desc limit 1""")
                .param("unit", unit.value())
                .param("item", "%" + oid + "=%")
                .query((row, number) -> new ControllerId(row.getLong(1)))
                .optional();
    }

    /** Those of these documents that nothing has replaced, by their ids. */
    Map<Long, Stored> stillCurrent(Collection<Long> ids) {
        return jdbc
                .sql("select " + COLUMNS
                        + " from unnest(cast(:ids as bigint array)) as asked(document)"
                        + " join delivery_document on id = asked.document where superseded_at is null")
                .param("ids", ids.toArray(Long[]::new))
                .query(Documents::stored)
                .list()
                .stream()
                .collect(Collectors.toMap(Stored::id, document -> document));
    }

    /** The document of a row with this number, if we still know it. */
    Optional<Stored> issued(Scope to, Row row, long seq) {
        return jdbc.sql("select " + COLUMNS
                        + " from delivery_document where recipient = :to and row_name = :row and seq = :seq")
                .param("to", to.wire())
                .param("row", row.wire())
                .param("seq", seq)
                .query(Documents::stored)
                .optional();
    }

    /** Current documents that are for no single device: keys, emergencies and sessions of areas. */
    List<Stored> currentWide() {
        return jdbc.sql("select " + COLUMNS
                        + " from delivery_document where unit_id is null and superseded_at is null order by row_name")
                .query(Documents::stored)
                .list();
    }

    /** Current documents of live sessions that say something. */
    List<Stored> currentSessions(Instant now) {
        return jdbc.sql("select " + COLUMNS
                        + " from delivery_document where superseded_at is null and row_name like 'ses@%'"
                        + " and expires_at > :now and items <> '' order by id")
                .param("now", SqlTime.of(now))
                .query(Documents::stored)
                .list();
    }

    /** The newest emergency document of this scope that names the order. */
    Optional<Stored> naming(Scope scope, String sid) {
        return jdbc.sql("select " + COLUMNS
                        + " from delivery_document where recipient = :to and row_name like 'now@%' and items like :sid"
                        + " order by id desc limit 1")
                .param("to", scope.wire())
                .param("sid", "%" + sid + "=%")
                .query(Documents::stored)
                .optional();
    }

    /** Scopes in which a current emergency document names the order. */
    List<Scope> scopesNaming(String sid) {
        return jdbc.sql("""
                        select recipient from delivery_document
                        where superseded_at is null and row_name like 'now@%' and items like :sid""")
                .param("sid", "%" + sid + "=%")
                .query((row, number) -> Scope.parse(row.getString(1)))
                .list();
    }

    /** Scopes in which a key's current emergency document orders something. */
    List<Scope> scopesOf(Kid by) {
        return jdbc.sql("""
                        select recipient from delivery_document
                        where superseded_at is null and row_name like 'now@%' and row_name like :row and items <> ''""")
                .param("row", "%@" + by)
                .query((row, number) -> Scope.parse(row.getString(1)))
                .list();
    }

    /** Scopes in which an order of priority 60 or more is in force: an emergency, or somebody who speaks live [BLK-6b]. */
    List<Scope> sounding(Instant now) {
        // Every order in a document of emergencies is above that; a session may be below, and may wait for its
        // beginning.
        return jdbc
                .sql("""
                        select recipient, null as session from delivery_document
                        where superseded_at is null and row_name like 'now@%' and expires_at > :now and items <> ''
                        union all
                        select recipient, body from delivery_document
                        where superseded_at is null and row_name like 'ses@%' and expires_at > :now and items <> ''""")
                .param("now", SqlTime.of(now))
                .query((row, number) -> new Order(
                        Scope.parse(row.getString("recipient")),
                        Optional.ofNullable(row.getBytes("session")).map(body -> (Ses) Document.inMessage(body))))
                .list()
                .stream()
                .filter(order ->
                        order.session().isEmpty() || speaks(order.session().get(), now.toEpochMilli()))
                .map(Order::scope)
                .toList();
    }

    private record Order(Scope scope, Optional<Ses> session) {}

    private static boolean speaks(Ses session, long now) {
        return session.act().stream()
                .anyMatch(entry -> entry.pri() >= Limits.FIRST_PRI && entry.beg() <= now && now < entry.until());
    }

    /**
     * The deployment's key documents in the order in which they came: roots that changed make no sense without the ones before,
     * and one with a recovery may have a lower number than those it undoes [TIM-5].
     */
    List<Stored> keyHistory() {
        return jdbc.sql("select " + COLUMNS
                        + " from delivery_document where recipient = '*' and row_name = 'keys' order by id")
                .query(Documents::stored)
                .list();
    }

    /** The key documents of these areas, the widest first: each may rest on the one before. */
    List<Stored> keysOf(List<AreaPath> areas) {
        return areas.stream()
                .sorted(Comparator.comparingInt(AreaPath::depth))
                .map(Scope::of)
                .flatMap(area -> current(area, Row.keys(area)).stream())
                .toList();
    }

    /** The deployment's key documents that came after the one of this number; those above it if nobody knows it. */
    List<Stored> keysAfter(long seq) {
        var history = keyHistory();
        for (var at = history.size() - 1; at >= 0; at--) {
            if (history.get(at).seq() == seq) {
                return history.subList(at + 1, history.size());
            }
        }
        return history.stream().filter(document -> document.seq() > seq).toList();
    }

    /**
     * Forgets what a recovery voids, as every box does [TIM-5]: documents with a higher number are laid aside, marks and what
     * boxes have said of them fall to it. Key documents stay, for boxes that were away.
     *
     * @param t the moment of the recovery, Unix ms
     * @return the topics on which the broker keeps what was laid aside
     */
    List<String> recover(long t, Instant now) {
        var topics = layAside(jdbc.sql("""
                                select id, topic from delivery_document
                                where superseded_at is null and seq > :t and row_name <> 'keys'
                                order by recipient, row_name""").param("t", t), now);
        jdbc.sql("update delivery_mark set seq = :t where seq > :t")
                .param("t", t)
                .update();
        jdbc.sql("delete from delivery_applied where seq > :t").param("t", t).update();
        jdbc.sql("delete from delivery_doubt where seq > :t").param("t", t).update();
        return topics;
    }

    /** The latest moment for which something is numbered, if that is so far ahead that nothing newer can be issued there. */
    Optional<Instant> ahead(Instant now) {
        return jdbc.sql("select max(seq) as seq from delivery_mark having max(seq) > :bound")
                .param("bound", now.toEpochMilli() + Limits.SEQ_AHEAD_MS)
                .query((row, number) -> Instant.ofEpochMilli(row.getLong("seq")))
                .optional();
    }

    /** Lays aside the emergencies that compromised keys have signed; returns the topics on which the broker keeps them. */
    List<String> dropSignedBy(Collection<Kid> bad, Instant now) {
        return bad.stream()
                .sorted(Comparator.comparing(Kid::toString))
                .flatMap(kid -> layAside(jdbc.sql("""
                                        select id, topic from delivery_document
                                        where superseded_at is null and row_name like 'now@%' and row_name like :row
                                        order by recipient, row_name""").param("row", "%@" + kid), now).stream())
                .toList();
    }

    /** Makes the next compilation issue these rows of every box anew. */
    void doubt(List<Row> rows) {
        jdbc.sql("""
                        update delivery_document set content_hash = ''
                        where superseded_at is null and row_name in (:rows)""").param("rows", rows.stream().map(Row::wire).toList()).update();
    }

    /** Settings that these keys have signed are wanted anew. */
    void doubtSettingsSignedBy(Set<Kid> signers) {
        var doubted = new ArrayList<Long>();
        var headers = headers(signers);
        jdbc.sql("select id, body from delivery_document where superseded_at is null and row_name = 'site'")
                .query(row -> {
                    if (isSigned(row.getBytes("body"), headers)) {
                        doubted.add(row.getLong("id"));
                    }
                });
        jdbc.sql("update delivery_document set content_hash = '' where id = any (cast(:ids as bigint array))")
                .param("ids", doubted.toArray(Long[]::new))
                .update();
    }

    /**
     * What still hangs on keys that are to leave the key document [SRV-7]: documents in force that they have signed, and boxes that
     * have not taken over what replaced them. A box that has never taken anything over holds nothing of theirs, and one that hangs nowhere
     * is told all anew when it is hung up.
     *
     * @param rows in which these keys sign
     */
    long hangingOn(Set<Kid> leaving, Collection<Row> rows, Instant now) {
        var hanging = new AtomicLong();
        var headers = headers(leaving);
        jdbc.sql("""
                        select d.row_name, d.body, case when a.seq < d.seq then true else false end as behind
                        from delivery_document d
                        left join delivery_applied a on a.unit_id = d.unit_id and a.row_name = d.row_name
                        left join delivery_unit u on u.unit_id = d.unit_id
                        where d.superseded_at is null and (d.row_name in ('site', 'cfg', 'plan') and u.controller_id is not null
                          or d.row_name like 'keys@%'
                          or (d.row_name like 'now@%' or d.row_name like 'ses@%') and d.items <> '' and d.expires_at > :now)""").param("now", SqlTime.of(now)).query(row -> {
            var behind = row.getBoolean("behind") && rows.contains(Row.parse(row.getString("row_name")));
            if (behind || isSigned(row.getBytes("body"), headers)) {
                hanging.incrementAndGet();
            }
        });
        return hanging.get();
    }

    private static Set<String> headers(Set<Kid> signers) {
        return signers.stream().map(Envelope::header).collect(Collectors.toSet());
    }

    private static boolean isSigned(byte[] message, Set<String> headers) {
        return Envelope.parse(message).lines().stream().anyMatch(line -> headers.contains(line.header()));
    }

    /**
     * How many boxes have taken over what was issued to them last.
     *
     * @param boxes with documents
     */
    record Adoption(long taken, long boxes) {}

    /** Whether a key may leave the key document already: not before every box has what its successor signed [SRV-7]. */
    Adoption adoption() {
        return jdbc.sql("""
                        select count(distinct d.unit_id) as boxes, count(distinct case when a.seq is null or a.seq < d.seq
                          then d.unit_id end) as behind
                        from delivery_document d
                        left join delivery_applied a on a.unit_id = d.unit_id and a.row_name = d.row_name
                        where d.superseded_at is null and d.row_name in ('site', 'cfg', 'plan')""")
                .query((row, number) ->
                        new Adoption(row.getLong("boxes") - row.getLong("behind"), row.getLong("boxes")))
                .single();
    }

    /** How many boxes' settings were issued before this moment. */
    long settingsExpiring(Instant before) {
        return jdbc.sql("""
                        select count(*) from delivery_document
                        where superseded_at is null and row_name = 'site' and issued_at < :before""")
                .param("before", SqlTime.of(before))
                .query(Long.class)
                .single();
    }

    /**
     * Takes one device's document back as if it had never been issued, though its number is used up; returns the topic on which
     * the broker keeps it. Empty when a newer one is current, or none.
     */
    Optional<String> takeBack(DeviceId unit, Row row, long seq) {
        var found = jdbc.sql(
                        "select id, topic from delivery_document where current_key = :key and seq = :seq for update")
                .param("key", key(Scope.of(unit), row))
                .param("seq", seq)
                .query((each, number) -> Map.entry(each.getLong("id"), each.getString("topic")))
                .optional();
        found.ifPresent(each -> jdbc.sql("delete from delivery_document where id = :id")
                .param("id", each.getKey())
                .update());
        return found.map(Map.Entry::getValue);
    }

    /** Notes that the broker has these documents. */
    void published(Collection<Stored> documents, Instant now) {
        jdbc.sql("delete from delivery_outbox where document_id in (:ids)")
                .param("ids", documents.stream().map(Stored::id).toList())
                .update();
        sent(documents, now);
    }

    /** Notes that the broker has documents; returns those of which that is news. */
    List<Stored> sent(Collection<Stored> documents, Instant now) {
        var sorted = documents.stream().sorted(ORDER).toList();
        var moment = SqlTime.of(now);
        var news = batches.batchUpdate(
                "update delivery_document set sent_at = ? where id = ? and sent_at is null",
                sorted.stream()
                        .map(document -> new Object[] {moment, document.id()})
                        .toList());
        return IntStream.range(0, news.length)
                .filter(index -> news[index] > 0)
                .mapToObj(sorted::get)
                .toList();
    }

    /** Lays aside what nobody may accept any more; returns the topics on which the broker still keeps it. */
    List<String> expire(Instant now) {
        return layAside(jdbc.sql("""
                                select id, topic from (
                                  select id, topic, recipient, row_name from delivery_document
                                  where superseded_at is null and row_name like 'now@%' and expires_at < :now
                                  union all
                                  select id, topic, recipient, row_name from delivery_document
                                  where superseded_at is null and row_name like 'ses@%' and expires_at < :now
                                  union all
                                  select id, topic, recipient, row_name from delivery_document
                                  where superseded_at is null and row_name = 'fw' and expires_at < :now)
                                order by recipient, row_name""").param("now", SqlTime.of(now)), now);
    }

    private List<String> layAside(JdbcClient.StatementSpec chosen, Instant now) {
        var topics = new LinkedHashMap<Long, String>();
        chosen.query(row -> {
            topics.put(row.getLong("id"), row.getString("topic"));
        });
        topics.keySet().forEach(id -> jdbc.sql(
                        "update delivery_document set superseded_at = :now, current_key = null where id = :id")
                .param("now", SqlTime.of(now))
                .param("id", id)
                .update());
        return List.copyOf(topics.values());
    }

    /** Whether a current document for the device, alone or with its areas, names this file. */
    boolean names(DeviceId unit, Hash hash) {
        // Asked for every request of every box: each half finds its few documents by an index.
        return namesItself(unit, hash) || areaNames(unit, hash);
    }

    private boolean namesItself(DeviceId unit, Hash hash) {
        return jdbc.sql("""
                                select count(*) from delivery_document
                                where unit_id = :unit and superseded_at is null and assets like :hash""")
                        .param("unit", unit.value())
                        .param("hash", naming(hash))
                        .query(Long.class)
                        .single()
                > 0;
    }

    private boolean areaNames(DeviceId unit, Hash hash) {
        var areas = jdbc.sql("select areas from delivery_unit where unit_id = :unit")
                .param("unit", unit.value())
                .query(String.class)
                .optional()
                .filter(all -> !all.isEmpty());
        return areas.isPresent()
                && jdbc.sql("""
                                select count(*) from delivery_document
                                where recipient in (:areas) and superseded_at is null and assets like :hash""")
                                .param(
                                        "areas",
                                        Stream.of(areas.get().split(" ", -1))
                                                .map(area -> Scope.of(new AreaPath(area))
                                                        .wire())
                                                .toList())
                                .param("hash", naming(hash))
                                .query(Long.class)
                                .single()
                        > 0;
    }

    /** How many of these devices have documents of their own that name this file, and have not reported it as ready. */
    long lacking(Collection<DeviceId> units, Hash hash) {
        return jdbc.sql("""
                        select count(distinct d.unit_id) from unnest(cast(:units as varchar array)) as asked(unit)
                        join delivery_document d
                          on d.unit_id = asked.unit and d.superseded_at is null and d.assets like :named
                        left join delivery_asset_ready r on r.unit_id = d.unit_id and r.hash = :hash
                        where r.unit_id is null""")
                .param("units", names(units))
                .param("named", naming(hash))
                .param("hash", hash.b64u())
                .query(Long.class)
                .single();
    }

    /** Pattern of the column {@code assets} where it names this file. */
    private static String naming(Hash hash) {
        return "%" + hash.b64u().replace("_", "\\_") + "%";
    }

    /**
     * Until the end of this transaction nobody else gives orders with this key: what a row says is read, changed and written
     * again, and a second change at the same time would lose the first.
     */
    void orderAlone(Kid by) {
        lockedMark(Scope.ALL, Row.now(Scope.ALL, by));
    }

    /** The same for live sessions. */
    void speakAlone() {
        lockedMark(Scope.ALL, Row.ses(Scope.ALL));
    }

    /** Scopes in the {@link #ORDER} of their rows of one kind. */
    static List<Scope> inOrder(Collection<Scope> scopes) {
        return scopes.stream().sorted(Comparator.comparing(Scope::wire)).toList();
    }

    /**
     * Uses up a number in each of these rows of orders.
     *
     * @param next from the highest ever used in the row, 0 for none, to a higher one
     */
    Map<Row, Long> number(Collection<Row> rows, ToLongBiFunction<Row, Long> next) {
        var marks = new HashMap<Row, Long>();
        jdbc.sql("""
                        select row_name, seq from unnest(cast(:recipients as varchar array), cast(:rows as varchar array))
                          as asked(scope, name)
                        join delivery_mark on recipient = asked.scope and row_name = asked.name""")
                .param("recipients", rows.stream().map(row -> scope(row).wire()).toArray(String[]::new))
                .param("rows", rows.stream().map(Row::wire).toArray(String[]::new))
                .query(row -> {
                    marks.put(Row.parse(row.getString(1)), row.getLong(2));
                });
        var numbers = new LinkedHashMap<Row, Long>();
        rows.stream()
                .sorted(byRow(Documents::scope, row -> row))
                .forEach(row -> numbers.put(row, next.applyAsLong(row, marks.getOrDefault(row, 0L))));
        batches.batchUpdate(
                ENSURE,
                numbers.keySet().stream()
                        .filter(row -> !marks.containsKey(row))
                        .map(row -> new Object[] {scope(row).wire(), row.wire()})
                        .toList());
        var raised = batches.batchUpdate(
                RAISE,
                numbers.entrySet().stream()
                        .map(each -> new Object[] {
                            each.getValue(),
                            scope(each.getKey()).wire(),
                            each.getKey().wire(),
                            each.getValue()
                        })
                        .toList());
        var sorted = List.copyOf(numbers.keySet());
        for (var i = 0; i < raised.length; i++) {
            if (raised[i] == 0) {
                // Somebody has just lifted it.
                var row = sorted.get(i);
                var number = next.applyAsLong(row, lockedMark(scope(row), row));
                raise(scope(row), row, number);
                numbers.put(row, number);
            }
        }
        return numbers;
    }

    /**
     * The next {@code seq} of a row: now, or one above the last if the clock has stepped back [ENV-5].
     *
     * @throws ClockBehind when that would be more than 25 h ahead of now
     */
    long nextSeq(Scope to, Row row, Instant now) {
        var seq = next(lockedMark(to, row), now);
        raise(to, row, seq);
        return seq;
    }

    /**
     * The number that follows the last one.
     *
     * @throws ClockBehind when it would be more than 25 h ahead of now
     */
    static long next(long last, Instant now) {
        return Issue.nextSeq(last, now).orElseThrow(() -> new ClockBehind(now, last));
    }

    /** The mark of a row, which nobody else changes until the end of this transaction. */
    private long lockedMark(Scope to, Row row) {
        return markForUpdate(to, row).orElseGet(() -> {
            ensureMark(to, row);
            return markForUpdate(to, row).orElseThrow();
        });
    }

    private Optional<Long> markForUpdate(Scope to, Row row) {
        return jdbc.sql("select seq from delivery_mark where recipient = :to and row_name = :row for update")
                .param("to", to.wire())
                .param("row", row.wire())
                .query(Long.class)
                .optional();
    }

    /** Lifts the mark of a row to at least this, as after a restored backup when devices have seen more [SRV-4]. */
    void raiseMark(Scope to, Row row, long seq) {
        ensureMark(to, row);
        raise(to, row, seq);
    }

    /** The highest {@code seq} ever issued in the row; 0 if none. */
    long mark(Scope to, Row row) {
        return jdbc.sql("select seq from delivery_mark where recipient = :to and row_name = :row")
                .param("to", to.wire())
                .param("row", row.wire())
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    /** Makes the next compilation issue the row's document anew whatever it says. */
    void doubt(Scope to, Row row) {
        jdbc.sql("update delivery_document set content_hash = '' where current_key = :key")
                .param("key", key(to, row))
                .update();
    }

    /** Stores a document as the row's current one and queues it for the broker. */
    Stored issue(Fresh fresh, int priority) {
        return issue(List.of(fresh), priority).get(0);
    }

    /** Stores documents as the current ones of their rows and queues them for the broker; returns them in {@link #ORDER}. */
    List<Stored> issue(Collection<Fresh> several, int priority) {
        var inOrder = several.stream().sorted(byRow(Fresh::to, Fresh::row)).toList();
        batches.batchUpdate(
                "update delivery_document set superseded_at = ?, current_key = null where current_key = ?",
                inOrder.stream()
                        .map(fresh -> new Object[] {SqlTime.of(fresh.issuedAt()), key(fresh.to(), fresh.row())})
                        .toList());
        batches.batchUpdate("""
                insert into delivery_document (recipient, row_name, unit_id, controller_id, topic, seq, issued_at, content_hash,
                  items, assets, body, current_key, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""", inOrder.stream().map(Documents::columns).toList());
        var ids = new HashMap<String, Long>();
        jdbc.sql("""
                        select current_key, id from unnest(cast(:keys as varchar array)) as asked(name)
                        join delivery_document on current_key = asked.name""")
                .param(
                        "keys",
                        inOrder.stream()
                                .map(fresh -> key(fresh.to(), fresh.row()))
                                .toArray(String[]::new))
                .query(row -> {
                    ids.put(row.getString(1), row.getLong(2));
                });
        var stored = inOrder.stream()
                .map(fresh -> fresh.stored(Objects.requireNonNull(ids.get(key(fresh.to(), fresh.row())))))
                .toList();
        batches.batchUpdate(
                "insert into delivery_outbox (document_id, priority, queued_at) values (?, ?, ?)",
                stored.stream()
                        .map(document -> new Object[] {document.id(), priority, SqlTime.of(document.issuedAt())})
                        .toList());
        return stored;
    }

    private static @Nullable Object[] columns(Fresh fresh) {
        var unit = fresh.unit();
        var controller = fresh.controller();
        return new @Nullable Object[] {
            fresh.to().wire(),
            fresh.row().wire(),
            unit == null ? null : unit.value(),
            controller == null ? null : controller.value(),
            fresh.topic(),
            fresh.seq(),
            SqlTime.of(fresh.issuedAt()),
            fresh.contentHash(),
            fresh.items(),
            fresh.assets().stream().map(Hash::b64u).collect(Collectors.joining(" ")),
            fresh.body().toArray(),
            key(fresh.to(), fresh.row()),
            SqlTime.ofNullable(fresh.expiresAt())
        };
    }

    /** Queues every current document that is not queued yet: the broker has just started with an empty memory. */
    int queueAll(Instant now) {
        return jdbc.sql("""
                        insert into delivery_outbox (document_id, priority, queued_at)
                        select d.id, case when d.unit_id is null then :first else :repeated end, :now
                        from delivery_document d where d.superseded_at is null and (d.expires_at is null or d.expires_at > :now)
                          and not exists (select 1 from delivery_outbox o where o.document_id = d.id)""")
                .param("first", URGENT)
                .param("repeated", REPEATED)
                .param("now", SqlTime.of(now))
                .update();
    }

    /** Forgets replaced documents that no journal will speak of any more. */
    int forgetBefore(Instant limit) {
        return jdbc.sql("delete from delivery_document where superseded_at < :limit and unit_id is not null")
                .param("limit", SqlTime.of(limit))
                .update();
    }

    static Stored stored(ResultSet row, int number) throws SQLException {
        var controller = row.getLong("controller_id");
        var named = row.wasNull() ? null : new ControllerId(controller);
        var assets = row.getString("assets");
        return new Stored(
                row.getLong("id"),
                Row.parse(row.getString("row_name")),
                row.getLong("seq"),
                row.getString("topic"),
                Bytes.of(row.getBytes("body")),
                row.getString("content_hash"),
                SqlTime.get(row, "issued_at"),
                named,
                row.getString("items"),
                assets.isEmpty()
                        ? List.of()
                        : List.of(assets.split(" ", -1)).stream()
                                .map(Hash::parse)
                                .toList(),
                Scope.parse(row.getString("recipient")),
                SqlTime.getNullable(row, "expires_at"));
    }

    private void ensureMark(Scope to, Row row) {
        batches.update(ENSURE, to.wire(), row.wire());
    }

    private void raise(Scope to, Row row, long seq) {
        batches.update(RAISE, seq, to.wire(), row.wire(), seq);
    }

    private static <T> Comparator<T> byRow(Function<T, Scope> recipient, Function<T, Row> row) {
        return Comparator.comparing((T each) -> recipient.apply(each).wire())
                .thenComparing(each -> row.apply(each).wire());
    }

    private static Scope scope(Row row) {
        return Objects.requireNonNull(row.to(), "not a row of orders or sessions");
    }

    private static String key(Row row) {
        return key(scope(row), row);
    }

    private static String key(Scope to, Row row) {
        return to.wire() + " " + row.wire();
    }
}

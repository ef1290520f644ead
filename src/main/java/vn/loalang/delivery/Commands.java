package vn.loalang.delivery;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.Durability;
import vn.loalang.area.SqlTime;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.protocol.Cid;
import vn.loalang.protocol.Cmd;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Envelope;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Head;
import vn.loalang.protocol.Op;
import vn.loalang.protocol.Report;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Topics;
import vn.loalang.web.LiveUpdates;
import vn.loalang.web.Topic;

/** One-shot commands: sent once, carried out at most once, worth nothing after two minutes. None of them makes programme sound. */
@Component("commands")
public class Commands {
    /** What open pages watch for results. */
    static final Topic COMMANDS = new Topic("commands");

    private static final Logger log = LoggerFactory.getLogger(Commands.class);
    /** Who asks when the server itself wants to know. */
    static final String SERVER = "-";

    private static final Duration LIFE = Duration.ofMinutes(2);
    private static final int LONGEST_ANSWER = 8000;
    private static final int RECENT = 6;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final KeyStore keys;
    private final Topics topics;
    private final Post post;
    private final Durability durability;
    private final Doubts doubts;
    private final LiveUpdates live;

    Commands(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            KeyStore keys,
            Topics topics,
            Post post,
            Durability durability,
            Doubts doubts,
            LiveUpdates live) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.keys = keys;
        this.topics = topics;
        this.post = post;
        this.durability = durability;
        this.doubts = doubts;
        this.live = live;
    }

    /** What became of a command. */
    public enum State {
        WAITING("off", "unknown"),
        OK("ok", "ok"),
        REFUSED("warn", "warn"),
        FAILED("bad", "bad"),
        UNSUPPORTED("warn", "warn"),
        UNANSWERED("off", "off");

        private final String tone;
        private final String icon;

        State(String tone, String icon) {
            this.tone = tone;
            this.icon = icon;
        }

        /** Its colour's class. */
        public String tone() {
            return tone;
        }

        /** Its symbol's name. */
        public String icon() {
            return icon;
        }
    }

    /**
     * A command as pages show it.
     *
     * @param why the box's word for a refusal or failure, empty otherwise
     * @param answer what the box reported, empty otherwise
     */
    public record Sent(Cid cid, String op, Instant at, String person, State state, String why, String answer) {}

    /**
     * Sends a command to a box; it expires in 120 s.
     *
     * @param person who asked for it
     */
    public Cid send(DeviceId unit, Op op, String person) {
        var cid = new Cid(BroadcastId.random().toString());
        var now = clock.instant();
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            insert into delivery_command (cid, unit_id, op, row_name, asked_by, asked_at, expires_at)
                            values (:cid, :unit, :op, :row, :person, :now, :expires)""")
                    .param("cid", cid.value())
                    .param("unit", unit.value())
                    .param("op", op.wire())
                    .param(
                            "row",
                            op instanceof Op.Report report
                                    ? report.row().map(Row::wire).orElse(null)
                                    : null)
                    .param("person", person)
                    .param("now", SqlTime.of(now))
                    .param("expires", SqlTime.of(now.plus(LIFE)))
                    .update();
            live.changed(COMMANDS);
            durability.confirm();
        });
        var iat = now.toEpochMilli();
        var message = Envelope.compose(
                List.of(keys.online()),
                new Cmd(new Head(keys.sys(), Scope.of(unit), iat, iat, iat + LIFE.toMillis()), cid, op));
        var unused = post.answer(topics.rsp(unit), message).whenComplete((done, failure) -> {
            if (failure != null) {
                log.debug("Command {} did not leave for {}; it expires", cid, unit, failure);
            }
        });
        return cid;
    }

    /** The newest commands of a box. */
    public List<Sent> recent(DeviceId unit) {
        var now = clock.instant();
        return jdbc.sql("""
                        select cid, op, asked_at, asked_by, expires_at, result, why, answer from delivery_command
                        where unit_id = :unit order by asked_at desc, cid limit :limit""")
                .param("unit", unit.value())
                .param("limit", RECENT)
                .query((row, number) -> new Sent(
                        new Cid(row.getString("cid")),
                        row.getString("op"),
                        SqlTime.get(row, "asked_at"),
                        row.getString("asked_by"),
                        state(row.getString("result"), SqlTime.get(row, "expires_at"), now),
                        Objects.requireNonNullElse(row.getString("why"), ""),
                        Objects.requireNonNullElse(row.getString("answer"), "")))
                .list();
    }

    /** A box tells how a command ended; again changes nothing. */
    void result(DeviceId unit, Event.Command result, Instant at) {
        var changed = jdbc.sql("""
                        update delivery_command set result = :result, why = :why, answered_at = :at
                        where cid = :cid and unit_id = :unit and result is null""")
                .param("result", result.result().name())
                .param("why", result.why())
                .param("at", SqlTime.of(at))
                .param("cid", result.cid())
                .param("unit", unit.value())
                .update();
        if (changed > 0) {
            live.changed(COMMANDS);
        }
    }

    /** A box reports what it was asked for. */
    void report(DeviceId unit, Cid cid, byte[] payload, Instant at) {
        var row = jdbc.sql("select coalesce(row_name, '') from delivery_command where cid = :cid and unit_id = :unit")
                .param("cid", cid.value())
                .param("unit", unit.value())
                .query(String.class)
                .optional();
        if (row.isEmpty()) {
            return;
        }
        var body = Report.decode(cid, payload).body();
        if (body instanceof Report.Doc doc && !row.get().isEmpty()) {
            doubts.fetched(unit, Row.parse(row.get()), doc.message());
        }
        jdbc.sql("""
                        update delivery_command set answer = :answer, answered_at = :at
                        where cid = :cid and unit_id = :unit""")
                .param("answer", cut(text(body)))
                .param("at", SqlTime.of(at))
                .param("cid", cid.value())
                .param("unit", unit.value())
                .update();
        live.changed(COMMANDS);
    }

    private static String text(Report.Body body) {
        if (body instanceof Report.State state) {
            return "clk " + Instant.ofEpochMilli(state.clk().t()) + " "
                    + state.clk().q() + "\nplay " + state.sounding()
                    + "\nflt " + state.flt() + "\n"
                    + state.rows().entrySet().stream()
                            .map(each -> each.getKey() + " " + each.getValue())
                            .collect(Collectors.joining("\n"))
                    + state.facts().entrySet().stream()
                            .map(each -> "\n" + each.getKey() + " " + each.getValue())
                            .collect(Collectors.joining());
        } else if (body instanceof Report.Log lines) {
            return String.join("\n", lines.lines());
        } else if (body instanceof Report.Doc doc) {
            return new String(doc.message().toArray(), StandardCharsets.UTF_8);
        }
        return "-";
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_ANSWER ? text : text.substring(0, LONGEST_ANSWER);
    }

    private static State state(@Nullable String result, Instant expires, Instant now) {
        if (result == null) {
            return now.isBefore(expires) ? State.WAITING : State.UNANSWERED;
        }
        return State.valueOf(result.toUpperCase(Locale.ROOT));
    }
}

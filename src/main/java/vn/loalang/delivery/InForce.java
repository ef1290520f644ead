package vn.loalang.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import vn.loalang.area.AreaPath;
import vn.loalang.protocol.Entry;
import vn.loalang.protocol.Limits;
import vn.loalang.protocol.Now;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.Ses;
import vn.loalang.protocol.Sid;

/**
 * What rows of emergencies and of live sessions say now. An order may be over in a part of its places and go on elsewhere: boxes
 * there find it in two rows, the wide one, and a narrower one in which its time is over. The higher priority holds whole [NOW-5],
 * so the narrower one is a step above; it stays as long as the wide one, or that would be heard again.
 */
@Component
class InForce {
    private final Documents documents;

    InForce(Documents documents) {
        this.documents = documents;
    }

    /**
     * What a row has to go on saying.
     *
     * @param current its document, if there is one
     */
    List<Entry> in(Row row, Documents.@Nullable Stored current, Instant now) {
        if (current != null && current.items().isEmpty() && row.to() instanceof Scope.Device) {
            // Nothing sounded in it when it was issued, and no wider row matters here; thousands of such need not be
            // read.
            return List.of();
        }
        var entries = new ArrayList<Entry>();
        for (var entry : entries(current)) {
            if (sounds(entry, now)) {
                entries.add(entry);
            } else {
                around(row, entry.sid(), now).ifPresent(wide -> entries.add(over(wide, now)));
            }
        }
        return entries;
    }

    /** The order as a wider row has it in force. */
    Optional<Entry> around(Row row, Sid sid, Instant now) {
        if (row.to() instanceof Scope.Area area) {
            for (var at = AreaPath.of(area.area().value()).parent(); !at.equals(AreaPath.ROOT); at = at.parent()) {
                var scope = Scope.of(new vn.loalang.protocol.AreaPath(at.value()));
                var current = documents.current(scope, new Row(row.typ(), scope, row.by()));
                var wide = entries(current.orElse(null)).stream()
                        .filter(entry -> entry.sid().equals(sid) && sounds(entry, now))
                        .findFirst();
                if (wide.isPresent()) {
                    return wide;
                }
            }
        }
        return Optional.empty();
    }

    /** How a narrower row says that this is over there, and elsewhere goes on. */
    static Entry over(Entry wide, Instant now) {
        var t = now.toEpochMilli();
        // Of equal priority the later document holds, which the narrower one is when it is issued.
        var highest = wide.pri() < Limits.EMERGENCY_PRI ? Limits.ONLINE_PRI : 99;
        return wide.withPri(Math.min(wide.pri() + 1, highest)).between(Math.min(wide.beg(), t - 1), t);
    }

    /** Their names as the column {@code items} has them, without those that are over. */
    static String items(List<Entry> act, Instant now) {
        return act.stream()
                .filter(entry -> sounds(entry, now))
                .map(entry -> entry.sid() + "=")
                .collect(Collectors.joining(" "));
    }

    private static List<Entry> entries(Documents.@Nullable Stored current) {
        if (current == null) {
            return List.of();
        }
        return current.document() instanceof Now order ? order.act() : ((Ses) current.document()).act();
    }

    private static boolean sounds(Entry entry, Instant now) {
        return entry.until() > now.toEpochMilli();
    }
}

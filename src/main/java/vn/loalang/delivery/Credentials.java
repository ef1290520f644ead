package vn.loalang.delivery;

import java.time.Clock;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import vn.loalang.area.SqlTime;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.AreaPath;
import vn.loalang.protocol.DeviceId;

/** Credentials and topic rights of the boxes: stored first, in force on the broker right after the commit. */
@Component
class Credentials {
    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final Clock clock;
    private final Accounts accounts;
    private final BrokerDoor door;

    Credentials(JdbcClient jdbc, JdbcTemplate batches, Clock clock, Accounts accounts, BrokerDoor door) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.clock = clock;
        this.accounts = accounts;
        this.door = door;
    }

    /** Reads every account; call before the broker's listeners open. */
    void loadAll() {
        jdbc.sql("""
                        select a.unit_id, a.secret_sha256, u.areas from delivery_account a
                        left join delivery_unit u on u.unit_id = a.unit_id where a.revoked_at is null""").query(row -> {
            accounts.put(
                    row.getString("unit_id"),
                    HexFormat.of().parseHex(row.getString("secret_sha256")),
                    new Accounts.Rights.Device(areas(row.getString("areas"))));
        });
        accounts.markLoaded();
    }

    /** A new secret for the box; the old one is void from the commit on and its session ends. */
    @Transactional
    Secret issue(DeviceId unit) {
        var secret = Secret.random();
        var hash = HexFormat.of().formatHex(secret.sha256());
        var now = SqlTime.of(clock.instant());
        var known = jdbc.sql("""
                        update delivery_account set secret_sha256 = :hash, issued_at = :now, revoked_at = null
                        where unit_id = :unit""")
                .param("hash", hash)
                .param("now", now)
                .param("unit", unit.value())
                .update();
        if (known == 0) {
            jdbc.sql("insert into delivery_account (unit_id, secret_sha256, issued_at) values (:unit, :hash, :now)")
                    .param("unit", unit.value())
                    .param("hash", hash)
                    .param("now", now)
                    .update();
        }
        ensureUnit(unit);
        inForceAfterCommit(unit);
        return secret;
    }

    /** Secrets for many new boxes at once, in force on the broker from the commit on. */
    @Transactional
    Map<DeviceId, Secret> issueMany(Collection<DeviceId> units) {
        var secrets = new LinkedHashMap<DeviceId, Secret>();
        units.forEach(unit -> secrets.put(unit, Secret.random()));
        var now = SqlTime.of(clock.instant());
        batches.batchUpdate(
                "insert into delivery_account (unit_id, secret_sha256, issued_at) values (?, ?, ?)",
                secrets.entrySet().stream()
                        .map(each -> new Object[] {
                            each.getKey().value(),
                            HexFormat.of().formatHex(each.getValue().sha256()),
                            now
                        })
                        .toList());
        batches.batchUpdate(
                "insert into delivery_unit (unit_id, areas, renew, rejected) values (?, '', false, 0)",
                units.stream().map(unit -> new Object[] {unit.value()}).toList());
        AfterCommit.run(() -> secrets.forEach(
                (unit, secret) -> accounts.put(unit.value(), secret.sha256(), new Accounts.Rights.Device(Set.of()))));
        return secrets;
    }

    /** Takes the box's credential away and ends its session. */
    @Transactional
    void revoke(DeviceId unit) {
        jdbc.sql("update delivery_account set revoked_at = :now where unit_id = :unit and revoked_at is null")
                .param("now", SqlTime.of(clock.instant()))
                .param("unit", unit.value())
                .update();
        inForceAfterCommit(unit);
    }

    /** Whether the box may log in. */
    boolean admitted(DeviceId unit) {
        return accounts.rightsOf(unit.value()).isPresent();
    }

    /** Makes the box known to the delivery. */
    void ensureUnit(DeviceId unit) {
        jdbc.sql("""
                        insert into delivery_unit (unit_id, areas, renew, rejected) values (:unit, '', false, 0)
                        on conflict do nothing""").param("unit", unit.value()).update();
    }

    /**
     * Puts a box on a pole in these areas. The new rights are in force before the transaction commits: its documents name
     * the areas, and may reach the box the very moment after. What it lost ends after the commit.
     *
     * @return whether anything changed
     */
    boolean hang(DeviceId unit, ControllerId controller, List<AreaPath> areas) {
        ensureUnit(unit);
        var line = line(areas);
        var moved = jdbc.sql("""
                        update delivery_unit set controller_id = :controller, areas = :areas
                        where unit_id = :unit and (controller_id is null or controller_id <> :controller or areas <> :areas)""")
                .param("controller", controller.value())
                .param("areas", line)
                .param("unit", unit.value())
                .update();
        if (moved == 0) {
            return false;
        }
        accounts.allow(unit.value(), areas(line));
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                inForce(unit);
            }
        });
        return true;
    }

    /** Puts what the database says about the box in force once the current transaction commits. */
    void inForceAfterCommit(DeviceId unit) {
        AfterCommit.run(() -> inForce(unit));
    }

    static String line(Iterable<AreaPath> areas) {
        var text = new StringBuilder();
        areas.forEach(area -> text.append(text.isEmpty() ? "" : " ").append(area));
        return text.toString();
    }

    /** One at a time: what was read first must not be put in force last, or a password just issued would not do. */
    private synchronized void inForce(DeviceId unit) {
        var account = jdbc.sql("""
                        select a.secret_sha256, u.areas from delivery_account a
                        left join delivery_unit u on u.unit_id = a.unit_id
                        where a.revoked_at is null and a.unit_id = :unit""")
                .param("unit", unit.value())
                .query((row, number) -> new String[] {row.getString(1), row.getString(2)})
                .optional();
        var changed = account.isPresent()
                ? accounts.put(
                        unit.value(),
                        HexFormat.of().parseHex(account.get()[0]),
                        new Accounts.Rights.Device(areas(account.get()[1])))
                : accounts.remove(unit.value());
        if (changed) {
            door.kick(unit.value());
        }
    }

    private static Set<String> areas(@org.jspecify.annotations.Nullable String line) {
        return line == null || line.isEmpty()
                ? Set.of()
                : Arrays.stream(line.split(" ", -1)).collect(Collectors.toUnmodifiableSet());
    }
}

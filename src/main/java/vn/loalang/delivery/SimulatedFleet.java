package vn.loalang.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.Area;
import vn.loalang.area.AreaId;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Areas;
import vn.loalang.area.Authority;
import vn.loalang.area.Durability;
import vn.loalang.area.NewArea;
import vn.loalang.area.ServerSettings;
import vn.loalang.area.StationId;
import vn.loalang.area.Stations;
import vn.loalang.fleet.Fleet;
import vn.loalang.fleet.NewController;
import vn.loalang.fleet.NewUnit;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.SigningKey;

/**
 * Enrols thousands of simulated boxes at once, for trials of capacity. Only a server started with both
 * {@code loalang.delivery.simulated-fleet} and {@code …simulated-directory} does it, and only while its database knows no
 * box of another model: a deployment cannot be filled with ghosts by a slip.
 *
 * <p>In the directory lie then {@code claim.gbf}, the claim file of the first box, and {@code devices.tsv} with one line for
 * each: id, private seed (base64), password, area path, pole. The claim file of any box is the first one's with its own id
 * and password. {@code devices.tsv} appears last and whole.
 */
@Component
public class SimulatedFleet {
    /** Model of simulated boxes. */
    public static final String MODEL = "SIM";

    private static final Logger log = LoggerFactory.getLogger(SimulatedFleet.class);
    private static final String PROVINCE = "99";
    private static final String COMMUNE = "9900001";
    private static final int POLES_PER_VILLAGE = 100;
    /** At least, if there are as many poles. */
    private static final int VILLAGES = 5;

    private final DeliverySettings settings;
    private final ServerSettings server;
    private final Areas areas;
    private final Stations stations;
    private final Fleet fleet;
    private final Credentials credentials;
    private final ClaimFiles claims;
    private final Broker broker;
    private final TransactionTemplate transaction;
    private final Durability durability;

    SimulatedFleet(
            DeliverySettings settings,
            ServerSettings server,
            Areas areas,
            Stations stations,
            Fleet fleet,
            Credentials credentials,
            ClaimFiles claims,
            Broker broker,
            TransactionTemplate transaction,
            Durability durability) {
        this.settings = settings;
        this.server = server;
        this.areas = areas;
        this.stations = stations;
        this.fleet = fleet;
        this.credentials = credentials;
        this.claims = claims;
        this.broker = broker;
        this.transaction = transaction;
        this.durability = durability;
    }

    /** Enrols what the settings ask for, once the broker tells its ports. */
    @EventListener
    void ready(ApplicationReadyEvent event) {
        if (settings.simulatedFleet() == 0) {
            return;
        }
        var directory = Optional.ofNullable(settings.simulatedDirectory())
                .orElse(server.dataPath().resolve("simulated"));
        try {
            broker.up().get(60, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return;
        } catch (ExecutionException | TimeoutException failed) {
            throw new IllegalStateException("no broker, no simulated fleet", failed);
        }
        enrol(settings.simulatedFleet(), directory);
    }

    /**
     * Enrols so many boxes, each on a pole of its own, in one transaction; does nothing if there are some already.
     *
     * @param directory gets their claims
     * @throws IllegalStateException when the database knows a box that is not simulated
     */
    public void enrol(int count, Path directory) {
        var known = fleet.units();
        if (known.stream().anyMatch(unit -> !unit.model().equals(MODEL))) {
            throw new IllegalStateException(
                    "This database holds real boxes; a simulated fleet is never enrolled beside them");
        }
        if (!known.isEmpty()) {
            log.info("{} simulated boxes are enrolled already", known.size());
            return;
        }
        log.warn("Enrolling {} simulated boxes: this is a server for trials", count);
        var began = System.nanoTime();
        var lines = Objects.requireNonNull(transaction.execute(status -> {
            var enrolled = enrolNow(count, directory);
            durability.confirm();
            return enrolled;
        }));
        try {
            var whole = directory.resolve("devices.tsv.new");
            Files.write(whole, lines, StandardCharsets.UTF_8);
            Files.move(
                    whole,
                    directory.resolve("devices.tsv"),
                    java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException unwritable) {
            throw new UncheckedIOException("The claims cannot be written to " + directory, unwritable);
        }
        log.warn(
                "Enrolled {} simulated boxes in {} ms",
                count,
                Duration.ofNanos(System.nanoTime() - began).toMillis());
    }

    private List<String> enrolNow(int count, Path directory) {
        var station = new StationId(stations.main().id());
        var province = area(PROVINCE, AreaPath.ROOT, "province", Authority.PROVINCE);
        var commune = area(COMMUNE, province.path(), "commune", Authority.COMMUNE);
        var random = new SecureRandom();
        var keys = new ArrayList<SigningKey>();
        var poles = new ArrayList<NewController>();
        var boxes = new ArrayList<NewUnit>();
        var where = new ArrayList<AreaPath>();
        var village = commune;
        var polesPerVillage = Math.max(1, Math.min(POLES_PER_VILLAGE, count / VILLAGES));
        for (var i = 0; i < count; i++) {
            if (i % polesPerVillage == 0) {
                village = area(
                        "%s%03d".formatted(COMMUNE, i / polesPerVillage + 1),
                        commune.path(),
                        "village",
                        Authority.VILLAGE);
            }
            var key = SigningKey.generate(new Kid("d1"), random);
            keys.add(key);
            where.add(village.path());
            poles.add(new NewController(
                    station, new AreaId(village.id()), "Mô phỏng %05d".formatted(i + 1), null, null, 80, Set.of()));
            boxes.add(new NewUnit(DeviceId.of(key.publicKey()), MODEL, "simulated"));
        }
        var ids = fleet.addMany(poles, boxes);
        var secrets = credentials.issueMany(boxes.stream().map(NewUnit::id).toList());
        var lines = new ArrayList<String>();
        for (var i = 0; i < count; i++) {
            var unit = boxes.get(i).id();
            var secret = Objects.requireNonNull(secrets.get(unit));
            if (i == 0) {
                write(directory, claims.file(unit, secret, null).encode());
            }
            lines.add(String.join(
                    "\t",
                    unit.value(),
                    Base64.getEncoder().encodeToString(keys.get(i).seed()),
                    secret.text(),
                    where.get(i).value(),
                    ids.get(i).toString()));
        }
        return lines;
    }

    private Area area(String code, AreaPath parent, String level, Authority authority) {
        return areas.findByCode(code)
                .orElseGet(() -> areas.add(new NewArea(
                        parent, code, "Mô phỏng " + code, "Mô phỏng " + code, level, authority, List.of("vi"), null)));
    }

    private static void write(Path directory, byte[] claim) {
        try {
            Files.createDirectories(directory);
            Files.write(directory.resolve("claim.gbf"), claim);
        } catch (IOException unwritable) {
            throw new UncheckedIOException("The claims cannot be written to " + directory, unwritable);
        }
    }
}

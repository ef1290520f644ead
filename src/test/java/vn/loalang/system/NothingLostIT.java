package vn.loalang.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.delivery.TestDevice;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalEntry;

/**
 * The server is killed without warning, again and again, at random moments while boxes send their journals and a person
 * works. {@code -Dkills=100} kills it a hundred times, however long that takes; without it the test ends after 40 kills or
 * four minutes ({@code -Dkills.minutes}). {@code -Dkills.seed} repeats a run.
 */
class NothingLostIT {
    private static final int KILLS = Integer.getInteger("kills", 40);
    private static final long MINUTES = Long.getLong("kills.minutes", System.getProperty("kills") == null ? 4 : 600);
    private static final int LEAST = 3;
    private static final long SEED = Long.getLong("kills.seed", 20_261_121L);
    private static final int DEVICES = 4;
    private static final int LARGEST_BATCH = 40;
    private static final int DEEDS_PER_LIFE = 12;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final LocalDate FIRST_DATE =
            LocalDate.now(ZoneId.of("Asia/Ho_Chi_Minh")).plusDays(3);
    /** Device time of journal entry 0; entry n happened n milliseconds later. */
    private static final long EPOCH = 1_790_000_000_000L;

    private final Random random = new Random(SEED);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    /** Set just before the server dies: from then on broken connections are what we came for. */
    private volatile boolean dying;

    @Test
    void whatWasConfirmedSurvivesEveryKill(@TempDir Path directory) throws Exception {
        var data = directory.resolve("data");
        var boxes = new ArrayList<Box>();
        Person person;
        try (var seed = new Seed(data)) {
            seed.devices(DEVICES).forEach(device -> boxes.add(new Box(device, random.nextLong())));
            person = new Person(seed.recording());
        }
        var early = 0;
        var kills = 0;
        var began = System.nanoTime();
        try (var server = RunningServer.start(data)) {
            while (kills < KILLS && (kills < LEAST || System.nanoTime() - began < MINUTES * 60_000_000_000L)) {
                kills++;
                if (kills % 8 == 0) {
                    // Before it is ready: while it migrates, loads, re-issues documents.
                    pause(500 + random.nextInt(3_000));
                    early++;
                } else {
                    server.awaitReady();
                    live(server, boxes, person);
                }
                server.kill();
                server.launchAgain();
            }
            server.awaitReady();
            dying = false;
            for (var box : boxes) {
                box.open(server.mqttPort);
            }
            person.compare(WebPerson.signedIn(server));
            for (var box : boxes) {
                box.device.close();
            }
            server.stop();
        } finally {
            threads.shutdownNow();
        }
        compare(data, boxes, person);
        System.out.printf(
                "%d kills (%d of them during the start) in %d s, seed %d: %d journal entries acknowledged in %d jacks, %d slots, %d people, %d areas confirmed, none lost%n",
                kills,
                early,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
                SEED,
                boxes.stream().mapToLong(box -> box.confirmed).sum(),
                boxes.stream().mapToLong(box -> box.jacks).sum(),
                person.slots.size(),
                person.people.size(),
                person.areas.size());
    }

    /** One life of the server: everybody comes back, checks and works; then the power fails. */
    private void live(RunningServer server, List<Box> boxes, Person person) throws Exception {
        dying = false;
        var here = new AtomicInteger();
        var work = new ArrayList<Future<?>>();
        for (var box : boxes) {
            work.add(threads.submit(() -> {
                box.open(server.mqttPort);
                here.incrementAndGet();
                box.work();
                return null;
            }));
        }
        work.add(threads.submit(() -> {
            var web = WebPerson.signedIn(server);
            person.compare(web);
            here.incrementAndGet();
            person.work(web);
            return null;
        }));
        Await.until("everybody is back", PATIENCE, () -> {
            work.stream().filter(Future::isDone).forEach(NothingLostIT::get);
            return here.get() == work.size();
        });
        pause(random.nextInt(1_500));
        dying = true;
        server.kill();
        work.forEach(NothingLostIT::get);
    }

    /** A box that remembers what was acknowledged. */
    private final class Box {
        private final TestDevice device;
        private final Random dice;
        private final List<JournalEntry> unconfirmed = new ArrayList<>();
        private long confirmed;
        private long made;
        private long jacks;

        Box(TestDevice device, long seed) {
            this.device = device;
            this.dice = new Random(seed);
        }

        /** Comes back as a box does; what the welcome says is held against what was acknowledged before. */
        void open(int port) {
            var ack = ComingBack.to(device, port).jack();
            assertThat(ack.upto())
                    .as("welcomed %s, which was told %d", device.id(), confirmed)
                    .isBetween(confirmed, made);
            take(ack);
        }

        void work() {
            try {
                while (!dying) {
                    if (unconfirmed.isEmpty()) {
                        var batch = 1 + dice.nextInt(LARGEST_BATCH);
                        for (var i = 0; i < batch; i++) {
                            made++;
                            unconfirmed.add(device.entry(EPOCH + made, new Event.ClockStep(made, made + 1)));
                        }
                    }
                    // Half of what waits, and all of it: batches overlap, as after a lost jack.
                    device.send(
                            unconfirmed.subList(0, (unconfirmed.size() + 1) / 2).toArray(new JournalEntry[0]));
                    device.send(unconfirmed.toArray(new JournalEntry[0]));
                    var last = unconfirmed.get(unconfirmed.size() - 1).n();
                    while (!dying && confirmed < last && device.connected()) {
                        device.latest(Jack.class).map(Jack::ack).ifPresent(this::take);
                        LockSupport.parkNanos(1_000_000);
                    }
                    jacks += device.all(Jack.class).size();
                    device.forget();
                }
                // Nobody lies: a jack that is here was sent, even if the server has died since.
                device.latest(Jack.class).map(Jack::ack).ifPresent(this::take);
            } catch (MqttException broken) {
                if (!dying) {
                    throw new AssertionError("The connection broke while the server lived", broken);
                }
            }
        }

        private void take(JournalAck ack) {
            assertThat(ack.jid()).isEqualTo(device.jid());
            assertThat(ack.fresh()).isFalse();
            confirmed = Math.max(confirmed, ack.upto());
            unconfirmed.removeIf(entry -> entry.n() <= confirmed);
        }
    }

    /** Somebody who works by the hour and writes down what the server said it had saved. */
    private final class Person {
        private final long recording;
        private final TreeSet<String> slots = new TreeSet<>();
        private final TreeSet<String> people = new TreeSet<>();
        private final TreeSet<String> areas = new TreeSet<>();
        private int deed;
        private boolean unanswered;

        Person(long recording) {
            this.recording = recording;
        }

        void work(WebPerson web) {
            try {
                for (var i = 0; i < DEEDS_PER_LIFE && !dying; i++) {
                    if (!unanswered) {
                        deed++;
                    }
                    if (deed % 6 == 5) {
                        person(web);
                    } else if (deed % 6 == 2) {
                        area(web);
                    } else {
                        slot(web);
                    }
                }
            } catch (IOException broken) {
                unanswered = true;
                if (!dying) {
                    throw new AssertionError("The connection broke while the server lived", broken);
                }
            }
        }

        private void slot(WebPerson web) throws IOException {
            var date = FIRST_DATE.plusDays(deed / 96);
            var start = LocalTime.MIN.plusMinutes(deed % 96 * 15L);
            var answer = web.json(
                    "/api/v1/slots",
                    "deed-" + deed,
                    "{\"recording\":%d,\"date\":\"%s\",\"start\":\"%s\",\"repeat\":\"ONCE\"}"
                            .formatted(recording, date, start));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
            confirmed(slots, date + " " + start);
        }

        private void person(WebPerson web) throws IOException {
            var login = "nguoi-%06d".formatted(deed);
            var answer = web.form("/admin/people", Map.of("login", login, "name", "Người " + deed));
            confirmed(answer.statusCode(), answer.body(), people, login);
        }

        private void area(WebPerson web) throws IOException {
            var code = "9%06d".formatted(deed);
            var answer = web.form(
                    "/admin/areas/add", Map.of("at", "37", "code", code, "name", "Xã " + deed, "authority", "COMMUNE"));
            confirmed(answer.statusCode(), answer.body(), areas, code);
        }

        /** A form sent twice, because nobody saw the first answer, may be refused as taken: then it had been saved. */
        private void confirmed(int status, String page, TreeSet<String> kind, String what) {
            assertThat(status).as(page).isIn(unanswered ? List.of(302, 200) : List.of(302));
            confirmed(kind, what);
        }

        private void confirmed(TreeSet<String> kind, String what) {
            unanswered = false;
            kind.add(what);
        }

        /** What the server shows is what it confirmed, and at most the one deed more that it could not answer. */
        void compare(WebPerson web) throws IOException {
            var shown = new ArrayList<String>();
            var found = java.util.regex.Pattern.compile("\"date\":\"([^\"]+)\",\"start\":\"([^\"]+)\"")
                    .matcher(web.get("/api/v1/slots"));
            while (found.find()) {
                shown.add(found.group(1) + " " + found.group(2));
            }
            assertThat(shown).doesNotHaveDuplicates().containsAll(slots);
            assertThat(shown.size()).isBetween(slots.size(), slots.size() + (unanswered ? 1 : 0));
            if (!people.isEmpty()) {
                assertThat(web.get("/admin/people")).contains(people);
            }
        }
    }

    /** What the file itself says, with no server in between. */
    private static void compare(Path data, List<Box> boxes, Person person) throws SQLException {
        var url = "jdbc:h2:file:" + data.resolve("loalang")
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;IFEXISTS=TRUE";
        try (var database = DriverManager.getConnection(url, "sa", "")) {
            for (var box : boxes) {
                var where = " from delivery_journal where unit_id = '"
                        + box.device.id().value() + "' and jid = '"
                        + box.device.jid().value() + "' and n between 1 and " + box.confirmed;
                assertThat(number(database, "select count(*)" + where)).isEqualTo(box.confirmed);
                assertThat(number(database, "select count(distinct n)" + where)).isEqualTo(box.confirmed);
                assertThat(number(
                                database,
                                "select count(*)" + where + " and device_time = n + " + EPOCH
                                        + " and details = '{\"old\":' || n || ',\"new\":' || (n + 1) || '}'"))
                        .as("entries that say what the box said")
                        .isEqualTo(box.confirmed);
            }
            assertThat(words(database, "select login from access_person")).containsAll(person.people);
            assertThat(words(database, "select code from area_area")).containsAll(person.areas);
        }
    }

    private static long number(Connection database, String sql) throws SQLException {
        try (var statement = database.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static List<String> words(Connection database, String sql) throws SQLException {
        try (var statement = database.createStatement();
                var rows = statement.executeQuery(sql)) {
            var words = new ArrayList<String>();
            while (rows.next()) {
                words.add(rows.getString(1));
            }
            return words;
        }
    }

    private static void get(Future<?> work) {
        try {
            work.get(90, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            throw new AssertionError(failed.getCause().getMessage(), failed.getCause());
        } catch (java.util.concurrent.TimeoutException stuck) {
            throw new AssertionError("Somebody is stuck", stuck);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static void pause(int millis) {
        var until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (var left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}

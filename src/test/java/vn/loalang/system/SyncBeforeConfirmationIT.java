package vn.loalang.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import vn.loalang.delivery.TestDevice;
import vn.loalang.emergency.Target;
import vn.loalang.protocol.Event;
import vn.loalang.protocol.Jack;
import vn.loalang.protocol.JournalEntry;

/**
 * What the operating system sees: between the arrival of something to be kept and the word that it is kept, the database
 * file was written and then forced to the disk.
 */
class SyncBeforeConfirmationIT {
    private static final int ROUNDS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void theDiskHasItBeforeAnybodyIsToldSo(@TempDir Path directory) throws Exception {
        requireStrace(directory);
        var data = directory.resolve("data");
        TestDevice device;
        long recording;
        long flood;
        Target everybody;
        try (var seed = new Seed(data)) {
            device = seed.devices(1).get(0);
            recording = seed.recording();
            flood = seed.alarm("Cảnh báo lũ thử", 1);
            everybody = seed.everybody();
            seed.countdown(15);
        }
        var trace = directory.resolve("trace");
        try (device;
                var server = RunningServer.start(
                        data, arguments -> traced(trace, PackagedJar.command(RunningServer.FLAGS, arguments)))) {
            ComingBack.to(device, server.mqttPort);
            for (var round = 1; round <= ROUNDS; round++) {
                var batch = new JournalEntry[5];
                for (var i = 0; i < batch.length; i++) {
                    batch[i] = device.entry(1_790_000_000_000L + i, new Event.ClockStep(round, i));
                }
                device.send(batch);
                device.await(Jack.class, jack -> jack.ack().upto() == batch[4].n());
            }
            var person = WebPerson.signedIn(server);
            var date = LocalDate.now(ZoneId.of("Asia/Ho_Chi_Minh")).plusDays(3);
            for (var round = 1; round <= ROUNDS; round++) {
                var slot = person.json(
                        "/api/v1/slots",
                        "slot-" + round,
                        "{\"recording\":%d,\"date\":\"%s\",\"start\":\"%02d:00\"}".formatted(recording, date, round));
                assertThat(slot.statusCode()).as(slot.body()).isEqualTo(201);
                assertThat(person.form("/admin/people", Map.of("login", "nguoi-" + round, "name", "Người " + round))
                                .statusCode())
                        .isEqualTo(302);
                assertThat(person.form(
                                        "/admin/areas/add",
                                        Map.of("at", "37", "code", "90" + round, "name", "Xã", "authority", "COMMUNE"))
                                .statusCode())
                        .isEqualTo(302);
            }
            var alarms = Alarms.of(server);
            for (var round = 1; round <= ROUNDS; round++) {
                var alert = alarms.press(flood, everybody);
                assertThat(person.form(alert + "/cancel", Map.of()).statusCode())
                        .isEqualTo(302);
            }
            server.kill();
        }
        var calls = calls(trace);
        // Not any answer: documents may still be on their way to the device that has just said hello.
        everyTime(calls, "/u/" + device.id() + "/ev", "\\\"typ\\\":\\\"jack\\\"");
        everyTime(calls, "POST /api/v1/slots ", "HTTP/1.1 201");
        everyTime(calls, "POST /admin/people ", "HTTP/1.1 302");
        everyTime(calls, "POST /admin/areas/add ", "HTTP/1.1 302");
        everyTime(calls, "POST /emergency ", "HTTP/1.1 302");
        everyTime(calls, "/cancel HTTP/1.1", "HTTP/1.1 302");
    }

    private static void everyTime(List<Call> calls, String asked, String answered) {
        var seen = 0;
        for (var i = 0; i < calls.size(); i++) {
            if (calls.get(i).kind == Kind.READ && calls.get(i).text.contains(asked)) {
                seen++;
                var end = i + 1;
                while (end < calls.size()
                        && !(calls.get(end).kind == Kind.WRITE
                                && calls.get(end).text.contains(answered))) {
                    end++;
                }
                assertThat(end).as("an answer to %s no. %d", asked, seen).isLessThan(calls.size());
                var between = calls.subList(i, end);
                var stored = first(between, Kind.STORE, 0);
                var synced = first(between, Kind.SYNCED, stored + 1);
                assertThat(stored >= 0 && synced > stored)
                        .as(
                                "%s no. %d: the database is written and forced to the disk before %s leaves\n%s",
                                asked, seen, answered, between)
                        .isTrue();
                // Nothing that belongs to the answer comes after the last sync has begun and goes unsynced. What other
                // threads store meanwhile belongs to answers of their own.
                var lastSynced = last(between, Kind.SYNCED);
                var unsynced = between.subList(lastSynced, between.size()).stream()
                        .filter(call -> call.kind == Kind.STORE
                                && call.thread().equals(between.get(lastSynced).thread()));
                assertThat(unsynced)
                        .as("%s no. %d: the sync follows the write\n%s", asked, seen, between)
                        .isEmpty();
            }
        }
        assertThat(seen).as("how often the trace shows %s", asked).isGreaterThanOrEqualTo(ROUNDS);
    }

    private static int first(List<Call> calls, Kind kind, int from) {
        for (var i = from; i < calls.size(); i++) {
            if (calls.get(i).kind == kind) {
                return i;
            }
        }
        return -1;
    }

    private static int last(List<Call> calls, Kind kind) {
        for (var i = calls.size() - 1; i >= 0; i--) {
            if (calls.get(i).kind == kind) {
                return i;
            }
        }
        return -1;
    }

    private enum Kind {
        READ,
        WRITE,
        STORE,
        SYNCED
    }

    /** A system call at the moment that matters: a read when it returned, a write when it began, a sync when it was done. */
    private record Call(Kind kind, String text) {
        String thread() {
            return text.substring(0, text.indexOf(' '));
        }

        @Override
        public String toString() {
            return "\n" + text;
        }
    }

    private static List<Call> calls(Path trace) throws IOException {
        Await.until("strace has written everything", PATIENCE, () -> {
            try {
                return Files.readString(trace, StandardCharsets.ISO_8859_1).contains("+++ killed by SIGKILL +++");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        var calls = new ArrayList<Call>();
        var syncing = new java.util.HashSet<String>();
        for (var line : Files.readAllLines(trace, StandardCharsets.ISO_8859_1)) {
            var thread = line.substring(0, line.indexOf(' '));
            var database = line.contains("loalang.mv.db>");
            var sync = line.contains(" fsync(") || line.contains(" fdatasync(") || line.contains(" msync(");
            if (sync && database && line.contains("<unfinished")) {
                syncing.add(thread);
            } else if (sync && database && line.endsWith("= 0")
                    || line.contains("sync resumed>") && syncing.remove(thread) && line.endsWith("= 0")) {
                calls.add(new Call(Kind.SYNCED, line));
            } else if (line.contains(" pwrite64(") && database) {
                calls.add(new Call(Kind.STORE, line));
            } else if (line.contains(" read(") || line.contains("<... read resumed>")) {
                if (!line.contains("<unfinished")) {
                    calls.add(new Call(Kind.READ, line));
                }
            } else if (line.contains(" write(") || line.contains(" writev(") || line.contains(" sendto(")) {
                calls.add(new Call(Kind.WRITE, line));
            }
        }
        return calls;
    }

    private static List<String> traced(Path trace, List<String> command) {
        // -D: the server stays our own child, so that it can be killed as usual.
        var traced = new ArrayList<>(List.of(
                "strace",
                "-D",
                "-f",
                "-y",
                "-ttt",
                "-s",
                "600",
                "-e",
                "trace=fsync,fdatasync,msync,pwrite64,read,write,writev,sendto",
                "-e",
                "signal=!SEGV",
                "-o",
                trace.toString()));
        traced.addAll(command);
        return traced;
    }

    /** Some machines lack strace, and some containers forbid it. */
    private static void requireStrace(Path directory) {
        boolean works;
        try (var probe = ChildProcess.start("strace", directory, traced(directory.resolve("probe"), List.of("true")))) {
            works = probe.awaitEnd(Duration.ofSeconds(20)) == 0;
        } catch (UncheckedIOException missing) {
            works = false;
        }
        if (!works && Boolean.getBoolean("tools.required")) {
            throw new AssertionError("strace is missing, or this machine forbids tracing");
        }
        assumeTrue(works, "skipped: no strace that may trace (apt-get install strace)");
    }
}

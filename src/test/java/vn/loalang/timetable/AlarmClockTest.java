package vn.loalang.timetable;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.quartz.CronTrigger;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.TriggerKey;
import org.springframework.beans.factory.annotation.Autowired;
import vn.loalang.broadcast.PlannedBroadcast;
import vn.loalang.system.Await;

class AlarmClockTest extends TimetableTestBase {
    @Autowired
    Scheduler scheduler;

    @Autowired
    AlarmClock alarm;

    @Test
    void theAlarmIsKeptInTheDatabaseAndSaysWhatHappensAfterDowntime() throws Exception {
        assertThat(jdbc.sql("select trigger_type, misfire_instr from timetable_qrtz_triggers")
                        .query()
                        .listOfRows())
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.get("trigger_type")).isEqualTo("CRON");
                    assertThat(((Number) row.get("misfire_instr")).intValue())
                            .isEqualTo(CronTrigger.MISFIRE_INSTRUCTION_FIRE_ONCE_NOW);
                });
        assertThat(scheduler.getMetaData().isJobStoreSupportsPersistence()).isTrue();
        var next = scheduler
                .getTrigger(TriggerKey.triggerKey(AlarmClock.JOB))
                .getNextFireTime()
                .toInstant();
        assertThat(next.getEpochSecond() % Duration.ofMinutes(15).toSeconds()).isZero();
    }

    @Test
    void theAlarmWakesTheRollOver() throws Exception {
        var slot = timetable
                .create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)))
                .slot();
        clock.set(at(SUNDAY.plusDays(2), "12:00"));

        scheduler.triggerJob(JobKey.jobKey(AlarmClock.JOB));

        Await.until(
                "the alarm plans the fourth day",
                Duration.ofSeconds(20),
                () -> planned(slot).size() == 4);
        assertThat(planned(slot)).extracting(PlannedBroadcast::start).contains(at(SUNDAY.plusDays(3), "17:00"));
    }

    @Test
    void aServerThatWasAwayCatchesUpAtItsStart() {
        var slot = timetable
                .create(STATION, wanted(bulletin, SUNDAY, "17:00", Recurrence.daily(null)))
                .slot();
        clock.set(at(SUNDAY.plusDays(6), "17:06"));

        alarm.atStart();

        assertThat(planned(slot))
                .extracting(PlannedBroadcast::start)
                .containsExactly(
                        at(SUNDAY, "17:00"),
                        at(SUNDAY.plusDays(1), "17:00"),
                        at(SUNDAY.plusDays(7), "17:00"),
                        at(SUNDAY.plusDays(8), "17:00"));
    }
}

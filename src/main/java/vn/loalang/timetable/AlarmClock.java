package vn.loalang.timetable;

import java.util.TimeZone;
import org.quartz.CronScheduleBuilder;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.quartz.QuartzJobBean;

/**
 * Wakes the roll-over every quarter of an hour, and once at start. Quartz keeps the alarm in the database and knows nothing of slots:
 * which occurrence comes when is decided by {@link Expansion}.
 */
@Configuration(proxyBeanMethods = false)
class AlarmClock {
    static final String JOB = "timetable-roll-over";

    private final RollOver rollOver;

    AlarmClock(RollOver rollOver) {
        this.rollOver = rollOver;
    }

    @Bean
    static JobDetail rollOverJob() {
        return JobBuilder.newJob(Wake.class).withIdentity(JOB).storeDurably().build();
    }

    /** Misfires, after any downtime, ring once and go on: one run catches up with everything missed. */
    @Bean
    static Trigger rollOverAlarm(JobDetail rollOverJob) {
        return TriggerBuilder.newTrigger()
                .forJob(rollOverJob)
                .withIdentity(JOB)
                .withSchedule(CronScheduleBuilder.cronSchedule("0 0/15 * * * ?")
                        .inTimeZone(TimeZone.getTimeZone("UTC"))
                        .withMisfireHandlingInstructionFireAndProceed())
                .build();
    }

    @EventListener(ApplicationReadyEvent.class)
    void atStart() {
        rollOver.all();
    }

    /** What Quartz runs; on a cluster only one node at a time. */
    @DisallowConcurrentExecution
    static class Wake extends QuartzJobBean {
        private final RollOver rollOver;

        Wake(RollOver rollOver) {
            this.rollOver = rollOver;
        }

        @Override
        protected void executeInternal(JobExecutionContext context) {
            rollOver.all();
        }
    }
}

package vn.loalang.fleet;

import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import vn.loalang.access.Role;
import vn.loalang.web.NavItem;
import vn.loalang.web.SetupStep;

/** The screen Cụm loa in the frame, and the watch over silent boxes. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
class FleetConfiguration {
    @Bean
    NavItem fleetItem() {
        return new NavItem(40, "/fleet", "fleet.title", Role.VIEWER);
    }

    @Bean
    SilenceWatch silenceWatch(PresenceBook book, Clock clock) {
        return new SilenceWatch(book, clock);
    }

    /** Done once there is a pole. */
    @Bean
    SetupStep firstPoleStep(JdbcClient jdbc) {
        return new SetupStep() {
            @Override
            public int order() {
                return 50;
            }

            @Override
            public String messageKey() {
                return "fleet.setup";
            }

            @Override
            public boolean done() {
                return jdbc.sql("select count(*) from fleet_controller")
                                .query(Long.class)
                                .single()
                        > 0;
            }

            @Override
            public @Nullable String link() {
                return "/fleet/new";
            }
        };
    }

    /** Looks for silent boxes again and again. */
    static final class SilenceWatch {
        private final PresenceBook book;
        private final Clock clock;

        SilenceWatch(PresenceBook book, Clock clock) {
            this.book = book;
            this.clock = clock;
        }

        @Scheduled(fixedDelayString = "${loalang.fleet.sweep-every:5s}", initialDelayString = "5s")
        void look() {
            book.sweepSilent(clock.instant());
        }
    }
}

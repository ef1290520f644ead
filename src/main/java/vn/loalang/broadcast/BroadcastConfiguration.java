package vn.loalang.broadcast;

import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import vn.loalang.access.Role;
import vn.loalang.web.NavItem;

/** The first screen in the frame, and the watch over broadcasts that nobody reported the end of. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
class BroadcastConfiguration {
    @Bean
    NavItem todayItem() {
        return new NavItem(10, "/today", "broadcast.today.title", Role.VIEWER);
    }

    @Bean
    UnknownWatch unknownWatch(Playbacks playbacks, Clock clock) {
        return new UnknownWatch(playbacks, clock);
    }

    /** Looks for playbacks without an end again and again. */
    static final class UnknownWatch {
        private final Playbacks playbacks;
        private final Clock clock;

        UnknownWatch(Playbacks playbacks, Clock clock) {
            this.playbacks = playbacks;
            this.clock = clock;
        }

        @Scheduled(fixedDelayString = "${loalang.broadcast.sweep-every:5s}", initialDelayString = "7s")
        void look() {
            playbacks.sweepUnknown(clock.instant());
        }
    }
}

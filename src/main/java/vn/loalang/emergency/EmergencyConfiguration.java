package vn.loalang.emergency;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import vn.loalang.access.Role;
import vn.loalang.web.NavItem;
import vn.loalang.web.Notice;
import vn.loalang.web.Times;

/** The screen Khẩn cấp in the frame, and the reminder of the monthly drill. */
@Configuration(proxyBeanMethods = false)
class EmergencyConfiguration {
    @Bean
    NavItem emergencyItem() {
        return new NavItem(50, "/emergency", "emergency.nav", Role.VIEWER);
    }

    /** Says on every page that the last drill was too long ago; the page Diễn tập says it where there never was one. */
    @Bean
    Notice drillNotice(Alerts alerts, AlertSettings settings, Clock clock, Times times) {
        return new Notice() {
            @Override
            public Role role() {
                return Role.OPERATOR;
            }

            @Override
            public Optional<Shown> now() {
                return alerts.lastDrill()
                        .filter(last -> last.plus(settings.drillEvery()).isBefore(clock.instant()))
                        .map(last -> new Shown("emergency.drill.due", List.of(times.date(last))));
            }
        };
    }
}

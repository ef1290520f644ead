package vn.loalang.emergency;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import vn.loalang.access.Role;
import vn.loalang.fleet.Fleet;
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

    /** Says on every page that the last drill was too long ago, or that there never was one since boxes are there to drill with. */
    @Bean
    Notice drillNotice(Alerts alerts, Fleet fleet, AlertSettings settings, Clock clock, Times times) {
        return new Notice() {
            @Override
            public Role role() {
                return Role.OPERATOR;
            }

            @Override
            public Optional<Shown> now() {
                var last = alerts.lastDrill();
                return last.or(fleet::firstRegistered)
                        .filter(since -> since.plus(settings.drillEvery()).isBefore(clock.instant()))
                        .map(since -> last.isPresent()
                                ? new Shown("emergency.drill.due", List.of(times.date(since)))
                                : new Shown("emergency.drill.first", List.of()));
            }
        };
    }
}

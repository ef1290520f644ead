package vn.loalang.timetable;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import vn.loalang.access.Role;
import vn.loalang.web.NavItem;

/** The timetable's place in the frame. */
@Configuration(proxyBeanMethods = false)
class TimetableConfiguration {
    @Bean
    NavItem timetableScreen() {
        return new NavItem(20, "/timetable", "timetable.nav", Role.VIEWER);
    }
}

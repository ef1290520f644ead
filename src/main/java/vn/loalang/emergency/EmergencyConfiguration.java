package vn.loalang.emergency;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import vn.loalang.access.Role;
import vn.loalang.web.NavItem;

/** The screen Khẩn cấp in the frame. */
@Configuration(proxyBeanMethods = false)
class EmergencyConfiguration {
    @Bean
    NavItem emergencyItem() {
        return new NavItem(50, "/emergency", "emergency.nav", Role.VIEWER);
    }
}

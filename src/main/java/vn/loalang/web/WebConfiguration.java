package vn.loalang.web;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.ResourceBundleMessageSource;
import org.springframework.web.servlet.LocaleResolver;
import org.springframework.web.servlet.i18n.CookieLocaleResolver;
import vn.loalang.access.Role;
import vn.loalang.area.Areas;

/** Languages, and the parts of the frame that belong to modules which do not know it. */
@Configuration(proxyBeanMethods = false)
class WebConfiguration {
    static final Locale VIETNAMESE = Locale.forLanguageTag("vi");

    /** A missing key throws: a test renders every page in both languages. */
    @Bean
    MessageSource messageSource() {
        var messages = new ResourceBundleMessageSource();
        messages.setBasename("messages");
        messages.setDefaultEncoding("UTF-8");
        messages.setDefaultLocale(VIETNAMESE);
        messages.setFallbackToSystemLocale(false);
        return messages;
    }

    /** Vietnamese unless the reader chose otherwise, whatever the browser prefers. */
    @Bean
    LocaleResolver localeResolver() {
        var resolver = new CookieLocaleResolver("lang");
        resolver.setDefaultLocale(VIETNAMESE);
        resolver.setCookieMaxAge(Duration.ofDays(365));
        resolver.setCookieSameSite("Lax");
        resolver.setCookieHttpOnly(true);
        resolver.setRejectInvalidCookies(false);
        return resolver;
    }

    @Bean
    NavItem administration() {
        return new NavItem(70, "/admin", "web.nav.admin", Role.ADMINISTRATOR);
    }

    @Bean
    SetupStep administratorStep() {
        return new Step(10, "web.setup.administrator", "/password", () -> true);
    }

    @Bean
    SetupStep areasStep(Areas areas) {
        return new Step(30, "web.setup.areas", "/admin/areas", () -> !areas.none());
    }

    @Bean
    SetupStep quietHoursStep(Areas areas) {
        return new Step(40, "web.setup.quietHours", "/admin/areas", () -> !areas.none());
    }

    private record Step(
            int order, String messageKey, @Nullable String link, java.util.function.BooleanSupplier isDone)
            implements SetupStep {
        @Override
        public boolean done() {
            return isDone.getAsBoolean();
        }
    }
}

package vn.loalang.web;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import vn.loalang.access.FirstAdministrator;

/** Tells whoever started the server where to look and, once, the first password. Never through the log: logs are kept. */
@Component
final class StartBanner {
    private final Addresses addresses;
    private final FirstAdministrator administrator;

    StartBanner(Addresses addresses, FirstAdministrator administrator) {
        this.addresses = addresses;
        this.administrator = administrator;
    }

    @EventListener
    @Order(Ordered.HIGHEST_PRECEDENCE)
    void ready(ApplicationReadyEvent event) {
        if (addresses.httpsPort().isEmpty()) {
            return;
        }
        var banner = new StringBuilder("\n  Loa Làng\n");
        addresses
                .httpPort()
                .ifPresent(port -> banner.append("    Máy này / this machine   http://127.0.0.1:%d%n".formatted(port)));
        addresses.https().ifPresent(link -> banner.append("    Mạng nội bộ / network     %s%n".formatted(link)));
        administrator
                .oneTimePassword()
                .ifPresent(password -> banner.append("""
                    Tên đăng nhập / login    %s
                    Mật khẩu một lần / once  %s
                """.formatted(FirstAdministrator.LOGIN, password)));
        // In one piece: whoever waits for the address reads the password with it.
        new PrintStream(System.out, true, StandardCharsets.UTF_8).println(banner);
    }
}

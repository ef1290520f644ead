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
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.println();
        out.println("  Loa Làng");
        addresses.httpPort().ifPresent(port -> out.println("    Máy này / this machine   http://127.0.0.1:" + port));
        addresses.https().ifPresent(link -> out.println("    Mạng nội bộ / network     " + link));
        administrator.oneTimePassword().ifPresent(password -> {
            out.println("    Tên đăng nhập / login    " + FirstAdministrator.LOGIN);
            out.println("    Mật khẩu một lần / once  " + password);
        });
        out.println();
    }
}

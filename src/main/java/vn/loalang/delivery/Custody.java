package vn.loalang.delivery;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import vn.loalang.web.SetupStep;

/**
 * Who holds the keys. Until the sealed root keys have been carried to a safe, the administration page and the first-run
 * page say so: {@code Custody.warning()}.
 */
@Component("custody")
public class Custody implements SetupStep {
    private final KeyStore keys;
    private final AtomicReference<@Nullable String> passphrase;

    Custody(KeyStore keys, NewPassphrase fresh) {
        this.keys = keys;
        this.passphrase = new AtomicReference<>(fresh.take());
    }

    /** The file with the sealed root keys while it still lies on this machine; empty when all is well. */
    public Optional<Path> warning() {
        return keys.sealedRootsStillHere();
    }

    /** Tells whoever started the server for the first time, once and not through the log: logs are kept. */
    @EventListener
    void ready(ApplicationReadyEvent event) {
        var once = passphrase.getAndSet(null);
        if (once != null) {
            var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            out.println("  Khoá gốc / root keys");
            warning().ifPresent(file -> out.println("    Tệp / file               " + file));
            out.println("    Mật khẩu tệp / once      " + once);
            out.println("    Ghi lại mật khẩu, chép tệp vào USB cất két, rồi xoá tệp khỏi máy này.");
            out.println("    Write the passphrase down, move the file to a USB stick in a safe.");
            out.println();
        }
    }

    @Override
    public int order() {
        return 20;
    }

    @Override
    public String messageKey() {
        return "delivery.setup.roots";
    }

    @Override
    public boolean done() {
        return warning().isEmpty();
    }

    /** The loudspeakers play without it, and the administration page goes on reminding. */
    @Override
    public boolean essential() {
        return false;
    }

    @Override
    public @Nullable String link() {
        return null;
    }
}

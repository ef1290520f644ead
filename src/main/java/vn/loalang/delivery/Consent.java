package vn.loalang.delivery;

import java.io.PrintWriter;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Whether somebody who has read what he is about to sign agrees to it, by typing a word. */
final class Consent {
    private static final Set<String> WORDS = Set.of("ký", "ky", "sign");

    private final PrintWriter print;
    private final Function<String, Optional<String>> ask;

    /** @param ask answers a question; empty when there is nobody to ask */
    Consent(PrintWriter print, Function<String, Optional<String>> ask) {
        this.print = print;
        this.ask = ask;
    }

    boolean given() {
        var answer = ask.apply("Gõ KÝ (hoặc SIGN) để ký / type SIGN to sign: ");
        if (answer.isEmpty()) {
            print.println("Không có màn hình để hỏi: dùng --yes / there is no screen to ask: use --yes");
        }
        var agreed = answer.map(text -> WORDS.contains(
                        Normalizer.normalize(text.strip(), Normalizer.Form.NFC).toLowerCase(Locale.ROOT)))
                .orElse(false);
        if (!agreed) {
            print.println("Không ký / not signed");
        }
        return agreed;
    }

    @SuppressWarnings("SystemConsoleNull") // up to JDK 21 it is null without a screen; later ones answer nothing
    static Optional<String> askOnConsole(String question) {
        var console = System.console();
        return console == null ? Optional.empty() : Optional.ofNullable(console.readLine("%s", question));
    }
}

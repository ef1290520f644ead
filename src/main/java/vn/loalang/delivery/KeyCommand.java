package vn.loalang.delivery;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import vn.loalang.protocol.Refusal;

/** A command with which people make keys and sign, away from the server: what is wrong is said in one line. */
abstract class KeyCommand implements Callable<Integer> {
    final PrintWriter print;

    /** Speaks on the console. */
    KeyCommand() {
        this(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    }

    KeyCommand(PrintWriter print) {
        this.print = print;
    }

    /** Exit code 0 when done, 1 when nothing was written: refused, a wrong passphrase, or somebody did not agree. */
    @Override
    public final Integer call() {
        try {
            return done() ? 0 : 1;
        } catch (IOException | Refusal | IllegalArgumentException wrong) {
            print.println(SmallFile.problem(wrong));
            return 1;
        }
    }

    /** Whether it was done; if not, the reason has been said. */
    abstract boolean done() throws IOException;
}

package vn.loalang.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The controller's hook port: what a hand, the mains or the clock would do to a real box, one line each, answered by OK. */
final class Hook {
    private static final int TIMEOUT_MS = 15_000;

    private final int port;

    Hook(int port) {
        this.port = port;
    }

    /** Sends one line such as {@code STOP} and waits for the answer. */
    void say(String line) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            Writer out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.US_ASCII);
            out.write(line + "\n");
            out.flush();
            var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            var answer = in.readLine();
            if (!"OK".equals(answer)) {
                throw Verdict.notObservable("The hook answers '" + answer + "' to " + line + ".");
            }
        } catch (IOException e) {
            throw Verdict.notObservable("The hook port does not answer to " + line + ": " + e.getMessage());
        }
    }
}

package vn.loalang.controller.port;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import vn.loalang.controller.core.Input;
import vn.loalang.protocol.Fault;
import vn.loalang.protocol.Telemetry;

/**
 * The hands of a tester: buttons, switches and troubles of the box, one command a line over TCP on this machine only, each
 * answered by {@code OK} or {@code ERR} and a reason.
 *
 * <p>{@code STOP} (held three seconds), {@code SIREN on|off}, {@code MIC on|off}, {@code CLOCK <ms>} (how wrong the real-time
 * clock is), {@code AMP fault|ok}, {@code LINE ok|open|short|earth} (what {@code measure} finds), {@code MAINS off|on}, {@code RESET} (the watchdog bites). Switches and troubles outlive a restart of the controller, as they would
 * on a pole.
 */
public final class HookPort implements AutoCloseable {
    private static final int BACKLOG = 4;

    private final ServerSocket socket;
    private final Map<Fault, Boolean> troubles = new EnumMap<>(Fault.class);
    private volatile Optional<String> loudspeakers = Optional.empty();
    private volatile boolean siren;
    private volatile boolean microphone;
    private volatile OptionalLong wrong = OptionalLong.empty();
    private volatile Consumer<Input> inputs = input -> {};
    private volatile LongConsumer clock = offset -> {};
    private volatile Runnable watchdog = () -> {};

    private HookPort(ServerSocket socket) {
        this.socket = socket;
    }

    /**
     * Listens.
     *
     * @param port on 127.0.0.1; 0 takes a free one
     * @throws IOException if the port is taken
     */
    public static HookPort listen(int port) throws IOException {
        var hooks = new HookPort(new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress()));
        var thread = new Thread(hooks::serve, "hooks");
        thread.setDaemon(true);
        thread.start();
        return hooks;
    }

    /** Where it listens. */
    public int port() {
        return socket.getLocalPort();
    }

    /** Connects the hands with a controller that begins to live, and shows it what is pressed or broken already. */
    void to(Consumer<Input> live, LongConsumer realTimeClock, Runnable reset) {
        inputs = live;
        watchdog = reset;
        clock = realTimeClock;
        synchronized (troubles) {
            troubles.forEach((fault, present) -> live.accept(new Input.Hardware(fault, present)));
        }
        // Said perhaps before there was anybody to hear it.
        wrong.ifPresent(realTimeClock);
        if (siren) live.accept(new Input.Siren(true));
        if (microphone) live.accept(new Input.Microphone(true));
    }

    /** What somebody who looks at the amplifier and the lines of this box would see, beyond what the machine itself shows. */
    Input.Measured seen(Optional<Boolean> sink) {
        synchronized (troubles) {
            var fault = troubles.getOrDefault(Fault.AMP_FAULT, false);
            return new Input.Measured(
                    fault ? Optional.of(false) : sink,
                    loudspeakers.map(word -> new Telemetry.Line(null, word)).stream()
                            .toList());
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (var client = socket.accept()) {
                talk(client);
            } catch (IOException e) {
                // The tester went away, or the process ends; the next one may come.
                if (socket.isClosed()) return;
            }
        }
    }

    private void talk(Socket client) throws IOException {
        var in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
        var out = new PrintWriter(new OutputStreamWriter(client.getOutputStream(), StandardCharsets.UTF_8), true);
        for (var line = in.readLine(); line != null; line = in.readLine()) out.println(obey(line.strip()));
    }

    /** Carries out one line and says how it went. */
    private String obey(String line) {
        var words = List.of(line.split("\\s+"));
        var object = words.get(0);
        var state = words.size() > 1 ? words.get(1) : "";
        switch (object + " " + (object.equals("CLOCK") ? "" : state)) {
            case "STOP " -> inputs.accept(new Input.Stop());
            case "RESET " -> watchdog.run();
            case "SIREN on", "SIREN off" -> {
                siren = state.equals("on");
                inputs.accept(new Input.Siren(siren));
            }
            case "MIC on", "MIC off" -> {
                microphone = state.equals("on");
                inputs.accept(new Input.Microphone(microphone));
            }
            case "AMP fault", "AMP ok" -> trouble(Fault.AMP_FAULT, state.equals("fault"));
            case "LINE ok", "LINE open", "LINE short", "LINE earth" -> loudspeakers = Optional.of(state);
            case "MAINS off", "MAINS on" -> trouble(Fault.MAINS_LOST, state.equals("off"));
            case "CLOCK " -> {
                try {
                    long offset = Long.parseLong(state);
                    wrong = OptionalLong.of(offset);
                    clock.accept(offset);
                } catch (NumberFormatException e) {
                    return "ERR CLOCK needs milliseconds";
                }
            }
            default -> {
                return "ERR unknown: " + line;
            }
        }
        return "OK";
    }

    private void trouble(Fault fault, boolean present) {
        synchronized (troubles) {
            troubles.put(fault, present);
        }
        inputs.accept(new Input.Hardware(fault, present));
    }
}

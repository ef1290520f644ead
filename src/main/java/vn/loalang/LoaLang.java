package vn.loalang;

import java.time.Clock;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import picocli.CommandLine;
import vn.loalang.access.ResetPasswordCommand;
import vn.loalang.audio.EncodeCommand;
import vn.loalang.conformance.ConformanceCommand;
import vn.loalang.controller.ControllerCommand;
import vn.loalang.delivery.AreaKeysCommand;
import vn.loalang.delivery.KeysCommand;
import vn.loalang.delivery.KeysSecondCommand;
import vn.loalang.delivery.OfficerKeyCommand;
import vn.loalang.delivery.SignCommand;
import vn.loalang.delivery.SignFirmwareCommand;
import vn.loalang.delivery.SplitRootsCommand;
import vn.loalang.simulator.SimulateCommand;
import vn.loalang.simulator.storm.StormCommand;

/** The one entry point of the one jar: the server unless another command is named first. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class LoaLang {
    LoaLang() {}

    public static void main(String[] args) {
        var command = args.length == 0 ? "server" : args[0];
        switch (command) {
            case "reset-password" -> execute(new ResetPasswordCommand(Clock.systemUTC()), args);
            case "encode" -> execute(new EncodeCommand(), args);
            case "conformance" -> execute(new ConformanceCommand(Clock.systemUTC()), args);
            case "controller" -> execute(new ControllerCommand(Clock.systemUTC()), args);
            case "simulate" ->
                execute(
                        List.of(args).contains("--storm") ? new StormCommand() : new SimulateCommand(Clock.systemUTC()),
                        args);
            case "keys" -> execute(new KeysCommand(Clock.systemUTC()), args);
            case "keys-second" -> execute(new KeysSecondCommand(), args);
            case "split-roots" -> execute(new SplitRootsCommand(), args);
            case "area-keys" -> execute(new AreaKeysCommand(Clock.systemUTC()), args);
            case "officer-key" -> execute(new OfficerKeyCommand(), args);
            case "sign" -> execute(new SignCommand(Clock.systemUTC()), args);
            case "sign-firmware" -> execute(new SignFirmwareCommand(), args);
            case "server" -> serve(args);
            default -> {
                if (!command.startsWith("-")) {
                    System.err.println(
                            "Unknown command '" + command
                                    + "'. Commands: server (the default), controller, conformance, simulate, "
                                    + "reset-password, keys, keys-second, split-roots, area-keys, officer-key, sign, sign-firmware, encode.");
                    System.exit(2);
                }
                serve(args);
            }
        }
    }

    private static void serve(String[] args) {
        endWithParent();
        try {
            SpringApplication.run(LoaLang.class, args);
        } catch (RuntimeException saidAlready) {
            // The log has told why. The broker starts on threads of its own, which would keep half a server alive.
            System.exit(1);
        }
    }

    /** Under a build tool that is killed nobody would end the server; {@code -Dloalang.watch-parent=true} makes it leave cleanly. */
    private static void endWithParent() {
        if (Boolean.getBoolean("loalang.watch-parent")) {
            ProcessHandle.current().parent().ifPresent(parent -> {
                // Not on the thread that watches processes: ending waits for children, of which that thread tells.
                var unused =
                        parent.onExit().thenRun(() -> new Thread(() -> System.exit(0), "parent-has-ended").start());
            });
        }
    }

    private static void execute(Object command, String[] args) {
        var rest = java.util.Arrays.copyOfRange(args, 1, args.length);
        System.exit(new CommandLine(command).execute(rest));
    }

    /** The only place where the server meets the wall clock. */
    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }
}

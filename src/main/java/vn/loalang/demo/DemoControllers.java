package vn.loalang.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import picocli.CommandLine;
import vn.loalang.controller.ControllerCommand;
import vn.loalang.delivery.Broker;
import vn.loalang.delivery.ClaimFiles;
import vn.loalang.fleet.ControllerId;
import vn.loalang.protocol.DeviceId;

/**
 * The demo's controllers, each a process of its own that plays into WAV files. They end with the server; should it be killed they play
 * on, and a server started again finds their directories locked and takes them back.
 */
@Component
@WithDemo
class DemoControllers implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(DemoControllers.class);
    private static final int STOP_SECONDS = 5;

    private final ClaimFiles claims;
    private final Broker broker;
    private final Clock clock;
    private final List<Process> children = new ArrayList<>();

    DemoControllers(ClaimFiles claims, Broker broker, Clock clock) {
        this.claims = claims;
        this.broker = broker;
        this.clock = clock;
    }

    /** The id of the box in this directory; its key is made when there is none. */
    DeviceId unit(Path directory) {
        var output = new StringWriter();
        var exit = new CommandLine(new ControllerCommand(clock))
                .setOut(new PrintWriter(output))
                .execute("init", "--data", directory.toString());
        var label = output.toString().strip().split(":", -1);
        if (exit != 0 || label.length != 3) {
            throw new IllegalStateException("The demo controller in " + directory + " could not make its key");
        }
        return new DeviceId(label[1]);
    }

    /** Starts the controller of this pole unless one from before still runs on its directory. */
    synchronized void start(ControllerId pole, Path directory) throws IOException {
        Files.createDirectories(directory);
        var claim = directory.resolve("claim.gbf");
        if (!Files.exists(claim)) {
            var fresh = directory.resolve("claim.new");
            Files.write(fresh, claims.forController(pole));
            Files.move(fresh, claim);
        }
        var log = directory.resolve("controller.log").toFile();
        var child = new ProcessBuilder(command(directory, claim))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        children.add(child);
        var unused = child.onExit().thenAccept(ended -> {
            if (ended.exitValue() == ControllerCommand.BUSY) {
                LOG.info("A controller from before still runs on {}; it is taken back", directory);
            }
        });
    }

    private List<String> command(Path directory, Path claim) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1"));
        var classPath = System.getProperty("java.class.path");
        if (classPath.endsWith(".jar") && !classPath.contains(System.getProperty("path.separator"))) {
            command.addAll(List.of("-jar", classPath));
        } else {
            command.addAll(List.of("-cp", classPath, "vn.loalang.LoaLang"));
        }
        command.addAll(List.of(
                "controller",
                "--data",
                directory.toString(),
                "--claim",
                claim.toString(),
                "--sink",
                "wav",
                "--broker",
                "tcp://127.0.0.1:" + broker.plainPort(),
                "--hello-delay",
                "2000",
                "--parent-stdin"));
        return command;
    }

    @Override
    public synchronized void destroy() throws InterruptedException {
        children.forEach(Process::destroy);
        for (var child : children) {
            if (!child.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                child.destroyForcibly();
            }
        }
    }
}

package vn.loalang.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import vn.loalang.area.ServerSettings;
import vn.loalang.protocol.Topic;
import vn.loalang.protocol.Topics;
import vn.loalang.web.DeploymentTls;

/**
 * The broker, embedded or external, with our connections to it and the workers behind them. It starts beside the rest:
 * pages are served while it is still coming up, and documents wait in the outbox.
 */
@Component
public class Broker implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(Broker.class);
    private static final List<Topic.Kind> UPWARD =
            List.of(Topic.Kind.ST, Topic.Kind.HELLO, Topic.Kind.EV, Topic.Kind.TEL, Topic.Kind.NEED, Topic.Kind.REP);

    /** Our own connections. */
    private static final List<String> PARTS = List.of("in", "documents", "answers", "urgent", "bulk");

    private final BrokerSettings settings;
    private final ServerSettings server;
    private final DeploymentTls tls;
    private final Topics topics;
    private final Accounts accounts;
    private final Credentials credentials;
    private final BrokerDoor door;
    private final DeploymentKeys deploymentKeys;
    private final Post post;
    private final Inbox inbox;
    private final Answers answers;
    private final Compiler compiler;
    private final Outbox outbox;
    private final Ladder ladder;
    private final Transfers transfers;
    private final RolloutProgress rollouts;
    private final ClockCheck clockCheck;
    private volatile @Nullable EmbeddedBroker embedded;
    private volatile @Nullable Running running;

    Broker(
            BrokerSettings settings,
            ServerSettings server,
            DeploymentTls tls,
            Topics topics,
            Accounts accounts,
            Credentials credentials,
            BrokerDoor door,
            DeploymentKeys deploymentKeys,
            Post post,
            Inbox inbox,
            Answers answers,
            Compiler compiler,
            Outbox outbox,
            Ladder ladder,
            Transfers transfers,
            RolloutProgress rollouts,
            ClockCheck clockCheck) {
        this.settings = settings;
        this.server = server;
        this.tls = tls;
        this.topics = topics;
        this.accounts = accounts;
        this.credentials = credentials;
        this.door = door;
        this.deploymentKeys = deploymentKeys;
        this.post = post;
        this.inbox = inbox;
        this.answers = answers;
        this.compiler = compiler;
        this.outbox = outbox;
        this.ladder = ladder;
        this.transfers = transfers;
        this.rollouts = rollouts;
        this.clockCheck = clockCheck;
    }

    private record Running(Link in, List<Worker> workers, CompletableFuture<Void> up) {
        Running {
            workers = List.copyOf(workers);
        }
    }

    /** Port of the embedded broker with TLS; 0 while there is none. */
    public int tlsPort() {
        var current = embedded;
        return current == null ? 0 : current.tlsPort();
    }

    /** Port of the embedded broker on 127.0.0.1 without TLS; 0 while there is none. */
    public int plainPort() {
        var current = embedded;
        return current == null ? 0 : current.plainPort();
    }

    /** Completes when the broker admits boxes. */
    public CompletableFuture<Void> up() {
        var current = running;
        return current == null
                ? CompletableFuture.failedFuture(new IllegalStateException("the broker is stopped"))
                : current.up();
    }

    /** Whether documents can leave and what boxes say is heard at the moment. */
    public boolean connected() {
        var current = running;
        return current != null && current.in().connected() && post.connected() && post.answering();
    }

    /** Whether there should be one and it is away: orders wait here. */
    public boolean away() {
        return settings.start() && !connected();
    }

    @Override
    public void start() {
        deploymentKeys.takeOver();
        if (!settings.start()) {
            credentials.loadAll();
            return;
        }
        var up = new CompletableFuture<Void>();
        var targets = targets(up);
        var in = new Link("in", targets.get(0), Link.WINDOW, filters(), inbox::accept, () -> {});
        post.open(targets.get(1), targets.get(2), targets.get(3), targets.get(4));
        in.start();
        running = new Running(
                in,
                List.of(
                        worker("delivery-inbox", inbox::work),
                        worker("delivery-answers", answers::work),
                        worker("delivery-compiler", compiler::work),
                        worker("delivery-outbox", outbox::work),
                        worker("delivery-ladder", ladder::work),
                        worker("delivery-transfers", transfers::work),
                        worker("delivery-rollouts", rollouts::work),
                        worker("delivery-clock", clockCheck::work)),
                up);
        credentials.loadAll();
    }

    @Override
    public void stop() {
        var current = running;
        if (current == null) {
            return;
        }
        running = null;
        current.workers().forEach(Worker::interrupt);
        current.in().close();
        post.close();
        for (var worker : current.workers()) {
            try {
                worker.join(5_000);
            } catch (InterruptedException impatient) {
                Thread.currentThread().interrupt();
            }
        }
        door.close();
        var broker = embedded;
        if (broker != null) {
            broker.stop();
        }
    }

    @Override
    public boolean isRunning() {
        return running != null;
    }

    /** Before the web server, so that both come up together. */
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE + 1000;
    }

    /** Where to connect as {@link #PARTS}. */
    private List<CompletableFuture<Link.Target>> targets(CompletableFuture<Void> up) {
        if (!settings.embedded()) {
            up.complete(null);
            return PARTS.stream().map(this::external).toList();
        }
        var secrets = PARTS.stream().map(part -> Secret.random()).toList();
        var names = PARTS.stream().map(part -> "server-" + part).toList();
        for (var i = 0; i < names.size(); i++) {
            accounts.put(names.get(i), secrets.get(i).sha256(), new Accounts.Rights.Server());
        }
        var broker = embed();
        embedded = broker;
        door.open(broker::kick);
        var targets =
                PARTS.stream().map(part -> new CompletableFuture<Link.Target>()).toList();
        var starter = new Thread(() -> boot(broker, up, targets, names, secrets), "mqtt-broker-start");
        starter.setDaemon(true);
        starter.start();
        return targets;
    }

    private static void boot(
            EmbeddedBroker broker,
            CompletableFuture<Void> up,
            List<CompletableFuture<Link.Target>> targets,
            List<String> names,
            List<Secret> secrets) {
        var unused = broker.start().whenComplete((done, failure) -> {
            if (failure != null) {
                log.error(
                        "The MQTT broker did not start; no controller can be reached until the server is restarted",
                        failure);
                up.completeExceptionally(failure);
                targets.forEach(target -> target.completeExceptionally(failure));
                return;
            }
            log.info(
                    "MQTT broker ready: TLS on port {}, this machine on port {}", broker.tlsPort(), broker.plainPort());
            up.complete(null);
            var uri = "tcp://127.0.0.1:" + broker.plainPort();
            for (var i = 0; i < names.size(); i++) {
                var name = names.get(i);
                targets.get(i).complete(new Link.Target(uri, name, name, secrets.get(i), null));
            }
        });
    }

    private EmbeddedBroker embed() {
        var home = server.dataPath().resolve("broker");
        var password = Secret.random().text();
        var file = home.resolve("tls.p12");
        try {
            Files.createDirectories(home);
            if (home.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.setPosixFilePermissions(
                        home, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
            }
            try (var out = Files.newOutputStream(file)) {
                tls.keyStore(password.toCharArray()).store(out, password.toCharArray());
            }
        } catch (IOException | GeneralSecurityException failed) {
            throw new IllegalStateException("The broker's certificate cannot be written to " + file, failed);
        }
        return new EmbeddedBroker(
                home,
                settings.port(),
                settings.tlsPort(),
                new EmbeddedBroker.Tls(file, password),
                new Doorkeeper(accounts, topics.root(), inbox::accept));
    }

    private CompletableFuture<Link.Target> external(String part) {
        var url = java.util.Objects.requireNonNull(settings.url());
        var user = java.util.Objects.requireNonNull(settings.username());
        var password = java.util.Objects.requireNonNull(settings.password());
        return CompletableFuture.completedFuture(
                new Link.Target(url.toString(), user + "-" + part, user, new Secret(password), trust(settings.ca())));
    }

    /** Embedded, only presence comes by subscription: wills pass no interceptor. The rest is taken in at the door. */
    private List<String> filters() {
        return settings.embedded()
                ? List.of(topics.fromAll(Topic.Kind.ST))
                : UPWARD.stream().map(topics::fromAll).toList();
    }

    private static @Nullable SocketFactory trust(@Nullable Path ca) {
        if (ca == null) {
            return null;
        }
        try (var in = Files.newInputStream(ca)) {
            var store = java.security.KeyStore.getInstance(java.security.KeyStore.getDefaultType());
            store.load(null, null);
            var number = 0;
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + number++, certificate);
            }
            var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (IOException | GeneralSecurityException unusable) {
            throw new IllegalStateException("loalang.broker.ca is no usable PEM file: " + ca, unusable);
        }
    }

    private static Worker worker(String name, Worker.Work work) {
        var worker = new Worker(name, work);
        worker.start();
        return worker;
    }
}

package vn.loalang.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import vn.loalang.access.Role;
import vn.loalang.delivery.Broker;
import vn.loalang.web.Notice;

/** Runs the demo: seeds before the server is ready, starts the controllers and the slot after, and says what to look at. */
@Component
@WithDemo
class Demo implements ApplicationRunner, Notice {
    private static final Logger LOG = LoggerFactory.getLogger(Demo.class);

    private final DemoCommune commune;
    private final DemoControllers controllers;
    private final Broker broker;

    Demo(DemoCommune commune, DemoControllers controllers, Broker broker) {
        this.commune = commune;
        this.controllers = controllers;
        this.broker = broker;
    }

    @Override
    public void run(ApplicationArguments args) throws IOException {
        commune.seedIfEmpty(place -> controllers.unit(commune.directory().resolve(place.directory())));
    }

    /** After the console has said where the server is. */
    @EventListener
    @Order(Ordered.LOWEST_PRECEDENCE)
    void ready(ApplicationReadyEvent event) {
        if (!commune.present()) {
            return;
        }
        var start = commune.slotSoon();
        var unused = broker.up().thenRun(this::startControllers).exceptionally(failure -> {
            LOG.error("The demo's controllers are not running; the rest of the server is", failure);
            return null;
        });
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.println("    Xem thử / what to look at: mở \"Hôm nay\" lúc " + start + " (giờ Việt Nam)");
        out.println("      6 cụm loa phát bản tin sáng / six controllers play the morning bulletin into");
        out.println("      " + commune.directory().resolve("*").resolve("wav"));
        out.println();
    }

    private void startControllers() {
        commune.poles().forEach((place, pole) -> {
            try {
                controllers.start(pole, commune.directory().resolve(place.directory()));
            } catch (IOException e) {
                throw new UncheckedIOException("The demo controller " + place.title() + " could not be started", e);
            }
        });
    }

    @Override
    public Role role() {
        return Role.VIEWER;
    }

    @Override
    public Optional<Shown> now() {
        return commune.present() ? Optional.of(new Shown("demo.notice", List.of())) : Optional.empty();
    }
}

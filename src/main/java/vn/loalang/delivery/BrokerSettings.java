package vn.loalang.delivery;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The MQTT broker, under {@code loalang.broker}.
 *
 * @param start false keeps everything in the outbox and starts no broker, for repairs and for tests of other things
 * @param url an external broker, {@code ssl://mqtt.example.vn:8883} or {@code tcp://…}; without it the embedded one runs.
 *     Its accounts and topic rights are then managed there; device secrets are still made here, in claim files
 * @param username our account on the external broker
 * @param password its password
 * @param ca PEM file of the external broker's CA; without it the platform's trust
 * @param port of the embedded broker on 127.0.0.1 without TLS; 0 for a free one
 * @param tlsPort of the embedded broker with TLS on all addresses; 0 for a free one
 */
@ConfigurationProperties("loalang.broker")
record BrokerSettings(
        @DefaultValue("true") boolean start,
        @Nullable URI url,
        @Nullable String username,
        @Nullable String password,
        @Nullable Path ca,
        @DefaultValue("1883") int port,
        @DefaultValue("8883") int tlsPort) {
    BrokerSettings {
        if (url != null && (username == null || password == null)) {
            throw new IllegalArgumentException("loalang.broker.url needs loalang.broker.username and password");
        }
    }

    /** Whether the broker runs inside this server. */
    boolean embedded() {
        return url == null;
    }
}

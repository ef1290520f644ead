package vn.loalang.delivery;

import java.security.SecureRandom;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import vn.loalang.area.ServerSettings;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Topics;

/** Things of the delivery that are no components of their own. */
@Configuration(proxyBeanMethods = false)
class DeliveryConfiguration {
    private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";

    @Bean
    NewPassphrase newPassphrase() {
        return new NewPassphrase();
    }

    @Bean
    KeyStore keyStore(ServerSettings server, DeliverySettings settings, Clock clock, NewPassphrase passphrase) {
        var directory = server.dataPath().resolve("keys");
        if (KeyStore.exists(directory)) {
            return KeyStore.load(directory);
        }
        var sys = settings.sys();
        return KeyStore.create(
                directory, new SystemId(sys == null ? randomName() : sys), clock.instant(), passphrase::put);
    }

    @Bean
    Topics topics(KeyStore keys) {
        return new Topics(keys.sys());
    }

    @Bean
    Accounts accounts() {
        return new Accounts();
    }

    private static String randomName() {
        var random = new SecureRandom();
        var name = new StringBuilder("loa");
        for (var i = 0; i < 6; i++) {
            name.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return name.toString();
    }
}

package vn.loalang.simulator.storm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import vn.loalang.protocol.SigningKey;

class NotaryTest {
    private final Notary notary = new Notary();
    private final SigningKey key = Keyring.key("e1", new SplittableRandom(1));
    private final SigningKey other = Keyring.key("e1", new SplittableRandom(2));

    @Test
    void whatWasSignedHereIsRightAndNothingElseIs() {
        for (int i = 0; i < 40; i++) {
            var message = ("message " + i).getBytes(UTF_8);
            for (var signature :
                    new byte[][] {notary.sign(key, message.clone()), notary.signByCurve(key, message.clone())}) {
                assertThat(notary.verifies(key.publicKey(), message, signature)).isTrue();
                assertThat(notary.verifies(other.publicKey(), message, signature))
                        .isFalse();
                assertThat(notary.verifies(key.publicKey(), (i + " message").getBytes(UTF_8), signature))
                        .isFalse();
                signature[i] ^= 4;
                assertThat(notary.verifies(key.publicKey(), message, signature)).isFalse();
            }
        }
    }

    @Test
    void aRightSignatureThatIsNotInTheBookComesToLight() {
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1_000; i++) {
                        var message = ("elsewhere " + i).getBytes(UTF_8);
                        notary.verifies(key.publicKey(), message, key.sign(message));
                    }
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nobody has made");
    }
}

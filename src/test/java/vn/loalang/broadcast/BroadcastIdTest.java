package vn.loalang.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import vn.loalang.protocol.Oid;

class BroadcastIdTest {
    @Test
    void everyIdComesBackFromItsOid() {
        var random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            var id = new BroadcastId(1 + (random.nextLong() >>> 1) % Long.MAX_VALUE);
            assertThat(id.oid().value()).matches("[a-z2-7]{13}");
            assertThat(BroadcastId.of(id.oid())).contains(id);
        }
        assertThat(BroadcastId.of(new BroadcastId(Long.MAX_VALUE).oid())).contains(new BroadcastId(Long.MAX_VALUE));
        assertThat(new BroadcastId(1).oid().value()).isEqualTo("aaaaaaaaaaaab");
    }

    @Test
    void foreignOidsAreNobodys() {
        for (var text :
                new String[] {"drill-2026", "aaaaaaaaaaaaa", "zzzzzzzzzzzzz", "aaaaaaaaaaaa1", "aaaaaaaaaaaabb"}) {
            assertThat(BroadcastId.of(new Oid(text))).as(text).isEmpty();
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new BroadcastId(0));
    }

    @Test
    void randomIdsArePositiveAndDiffer() {
        var seen = new HashSet<BroadcastId>();
        for (int i = 0; i < 1000; i++) {
            assertThat(seen.add(BroadcastId.random())).isTrue();
        }
    }
}

package vn.loalang.controller.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import vn.loalang.controller.Deployment;
import vn.loalang.controller.core.Output;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Sid;
import vn.loalang.sound.CanonicalMp3;

/** Chunks become sound at their moment, without a seam, and gaps become silence. */
class LiveFeedTest {
    private static final Sid SID = new Sid("l1");
    private static final int CHUNK_BYTES = 20 * CanonicalMp3.FRAME_BYTES;
    private static final int CHUNK_SAMPLES = 20 * CanonicalMp3.FRAME_SAMPLES;
    private static final long CHUNK_NANOS = 480_000_000L;
    private static final byte[] AUDIO = Deployment.audio(3, 11);

    private static byte[] chunk(int index) {
        return Arrays.copyOfRange(AUDIO, index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    }

    @Test
    void chunksFollowOneAnotherWithoutASeam() throws Exception {
        var feed = new LiveFeed();
        for (int i = 0; i < 4; i++) feed.take(new Output.Chunk(SID, i * 480L, i == 3, Bytes.of(chunk(i))), 0);
        var heard = new short[4 * CHUNK_SAMPLES];
        for (int at = 0; at < heard.length; at += CanonicalMp3.FRAME_SAMPLES) {
            var part = new short[CanonicalMp3.FRAME_SAMPLES];
            assertThat(feed.read(SID, part, part.length, at * 1_000_000_000L / 24_000))
                    .isEqualTo(part.length);
            System.arraycopy(part, 0, heard, at, part.length);
        }
        assertThat(heard).isEqualTo(CanonicalMp3.decodeNext(new byte[0], Arrays.copyOf(AUDIO, 4 * CHUNK_BYTES)));
        assertThat(feed.read(SID, new short[576], 576, 4 * CHUNK_NANOS)).isEqualTo(-1);
    }

    @Test
    void aMissingChunkIsSilence() {
        var feed = new LiveFeed();
        feed.take(new Output.Chunk(SID, 0, false, Bytes.of(chunk(0))), 0);
        feed.take(new Output.Chunk(SID, 960, false, Bytes.of(chunk(2))), 0);
        var gap = new short[CHUNK_SAMPLES];
        feed.begin(SID);
        assertThat(feed.read(SID, gap, gap.length, CHUNK_NANOS)).isEqualTo(gap.length);
        assertThat(gap).containsOnly((short) 0);
        assertThat(feed.read(new Sid("nobody"), gap, gap.length, 0)).isEqualTo(gap.length);
    }
}

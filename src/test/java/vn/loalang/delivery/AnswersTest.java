package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyCollection;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.DeviceTime;
import vn.loalang.protocol.Document;
import vn.loalang.protocol.Hash;
import vn.loalang.protocol.Hello;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Nonce;
import vn.loalang.protocol.Quality;
import vn.loalang.protocol.Row;
import vn.loalang.protocol.Scope;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Topics;

/** What boxes are told alone. */
class AnswersTest {
    private static final Instant NOW = Instant.parse("2026-11-23T04:00:00Z");
    private static final DeviceId UNIT = new DeviceId("WUU6LDMR4T5BQIKZ");
    private final KeyStore keys = mock(KeyStore.class);
    private final Post post = mock(Post.class);
    private final Documents documents = mock(Documents.class);
    private final Answers answers = new Answers(
            Clock.fixed(NOW, ZoneOffset.UTC),
            keys,
            new Topics(new SystemId("test")),
            documents,
            post,
            mock(Accounts.class),
            new Rush(),
            mock(Recoveries.class));

    @BeforeEach
    void aKey() {
        when(keys.online()).thenReturn(SigningKey.generate(new Kid("p1"), new SecureRandom()));
        when(keys.sys()).thenReturn(new SystemId("test"));
    }

    @Test
    void anAcknowledgementThatCannotLeaveKeepsNoOtherFromLeaving() throws Exception {
        when(post.answer(any(), any()))
                .thenThrow(new IllegalStateException("the link is broken"))
                .thenReturn(CompletableFuture.completedFuture(null));
        var worker = new Worker("answers", answers::work);
        worker.start();

        answers.jacks(Map.of(UNIT, new JournalAck(new JournalId("4c40bb93"), 1, false)));
        verify(post, timeout(10_000)).answer(any(), any());
        answers.jacks(Map.of(UNIT, new JournalAck(new JournalId("4c40bb93"), 2, false)));
        verify(post, timeout(10_000).times(2)).answer(any(), any());

        worker.interrupt();
        worker.join(10_000);
    }

    /** What a rush of hellos needs of their documents is read once for all of it. */
    @Test
    void aWelcomeSaysWhichFilesTheDocumentsName() {
        when(post.answer(any(), any())).thenReturn(CompletableFuture.completedFuture(null));
        var files = List.of(Hash.of(new byte[1]), Hash.of(new byte[2]), Hash.of(new byte[3]));
        when(documents.currentOf(anyCollection()))
                .thenReturn(Map.of(
                        UNIT,
                        List.of(
                                naming(Row.SITE, files.subList(0, 2)),
                                naming(Row.CFG, List.of()),
                                naming(Row.PLAN, files.subList(1, 3)))));
        var other = new DeviceId("47VEBOR77OZPV6OS");
        var hellos = new LinkedHashMap<DeviceId, Hello>();
        hellos.put(UNIT, hello());
        hellos.put(other, hello());

        var named = answers.welcomes(hellos, Map.of(), Map.of());

        assertThat(named).containsOnlyKeys(UNIT, other);
        assertThat(named.get(UNIT)).containsExactlyElementsOf(files);
        assertThat(named.get(other)).isEmpty();
        verify(documents, times(1)).currentOf(anyCollection());
    }

    /** [SES-5f]: what a hello waits in a rush is not taken for the way to the box. */
    @Test
    void theTimeOfAWelcomeLiesHalfwayBetweenTheHelloAndItsAnswer() {
        var sent = ArgumentCaptor.forClass(byte[].class);
        when(post.answer(any(), sent.capture())).thenReturn(CompletableFuture.completedFuture(null));
        for (var waited : List.of(0, 900, -5_000)) {
            answers.welcomes(Map.of(UNIT, hello()), Map.of(UNIT, NOW.minusMillis(waited)), Map.of());
            var welcome = Document.inMessage(sent.getValue());
            assertThat(welcome.head().iat())
                    .as("after %s ms; a clock set back meanwhile counts as no wait", waited)
                    .isEqualTo(NOW.toEpochMilli() - Math.max(0, waited) / 2);
            assertThat(welcome.head().exp()).isEqualTo(NOW.plusSeconds(60).toEpochMilli());
        }
    }

    private static Documents.Stored naming(Row row, List<Hash> files) {
        return new Documents.Stored(
                1, row, 1, "", Bytes.of(new byte[1]), "", Instant.EPOCH, null, "", files, Scope.of(UNIT), null);
    }

    private static Hello hello() {
        return new Hello(
                Nonce.of(new byte[16]),
                4097,
                1,
                Hello.Why.POWER,
                "1.0",
                "sim",
                List.of(1),
                List.of("blk"),
                List.of(),
                new Hello.Capabilities(List.of("mp3"), 16_384, 1_000_000, Hello.Proof.NONE, true),
                new DeviceTime(0, Quality.T),
                0,
                Map.of(),
                new Hello.Journal(new JournalId("4c40bb93"), 1, 0));
    }
}

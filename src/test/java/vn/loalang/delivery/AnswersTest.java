package vn.loalang.delivery;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.when;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.JournalAck;
import vn.loalang.protocol.JournalId;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.SigningKey;
import vn.loalang.protocol.SystemId;
import vn.loalang.protocol.Topics;

/** What boxes are told of their journals. */
class AnswersTest {
    private static final DeviceId UNIT = new DeviceId("WUU6LDMR4T5BQIKZ");
    private final KeyStore keys = mock(KeyStore.class);
    private final Post post = mock(Post.class);
    private final Answers answers = new Answers(
            Clock.systemUTC(),
            keys,
            new Topics(new SystemId("test")),
            mock(Documents.class),
            post,
            mock(Accounts.class),
            new Rush());

    @Test
    void anAcknowledgementThatCannotLeaveKeepsNoOtherFromLeaving() throws Exception {
        when(keys.online()).thenReturn(SigningKey.generate(new Kid("p1"), new SecureRandom()));
        when(keys.sys()).thenReturn(new SystemId("test"));
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
}

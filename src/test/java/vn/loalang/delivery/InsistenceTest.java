package vn.loalang.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Work that must not be lost when the database gives way to others: it is done again as a whole, each time in a new transaction. */
class InsistenceTest {
    private final PlatformTransactionManager database = mock();
    private final Insistence insistence = new Insistence(new TransactionTemplate(database));
    private final AtomicInteger attempts = new AtomicInteger();

    @Test
    void itIsDoneAgainUntilTheDatabaseHasTime() {
        assertThat(insistence.until(() -> {
                    if (attempts.incrementAndGet() < 3) {
                        throw new CannotAcquireLockException("deadlock");
                    }
                    return "stored";
                }))
                .isEqualTo("stored");
        assertThat(attempts).hasValue(3);
        verify(database, times(2)).rollback(any());
        verify(database).commit(any());
    }

    @Test
    void afterFiveAttemptsItIsGivenUpAloud() {
        assertThatThrownBy(() -> insistence.until(() -> {
                    attempts.incrementAndGet();
                    throw new CannotAcquireLockException("deadlock");
                }))
                .isInstanceOf(CannotAcquireLockException.class);
        assertThat(attempts).hasValue(5);
    }

    @Test
    void whatIsWrongIsNotTriedAgain() {
        assertThatThrownBy(() -> insistence.until(() -> {
                    attempts.incrementAndGet();
                    throw new DuplicateKeyException("twice");
                }))
                .isInstanceOf(DuplicateKeyException.class);
        assertThat(attempts).hasValue(1);
    }
}

package vn.loalang.delivery;

import java.util.Objects;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Transactions that must not be lost to routine work. Of two that wait for each other the database lets one go, and what boxes
 * say moves playbacks in another order than an order does.
 */
@Component
class Insistence {
    private static final Logger log = LoggerFactory.getLogger(Insistence.class);
    private static final int ATTEMPTS = 5;

    private final TransactionTemplate transaction;

    Insistence(TransactionTemplate transaction) {
        this.transaction = transaction;
    }

    /**
     * Does this in a transaction of its own, again when the database gave way to others.
     *
     * @throws ConcurrencyFailureException after five attempts
     */
    <T> T until(Supplier<T> work) {
        for (var left = ATTEMPTS; ; left--) {
            try {
                return Objects.requireNonNull(transaction.execute(status -> work.get()));
            } catch (ConcurrencyFailureException busy) {
                if (left == 1) {
                    throw busy;
                }
                log.info("The database gave way to other work; trying again: {}", busy.getMessage());
            }
        }
    }
}

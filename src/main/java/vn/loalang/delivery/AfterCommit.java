package vn.loalang.delivery;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** What others may see or do only when the database holds it, and what is to be undone when it does not. */
final class AfterCommit {
    private AfterCommit() {}

    /** Runs this when the current transaction has committed, never if it is rolled back; at once where there is none. */
    static void run(Runnable what) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            what.run();
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                what.run();
            }
        });
    }

    /** Runs this when the current transaction has been rolled back. */
    static void otherwise(Runnable what) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            return;
        }
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                if (status != STATUS_COMMITTED) {
                    what.run();
                }
            }
        });
    }
}

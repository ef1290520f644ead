package vn.loalang.access;

import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import vn.loalang.area.Durability;

/** Does something together with its trace in the audit log, and returns when both are safe on disk. */
@Component
public final class Deeds {
    private final TransactionTemplate transaction;
    private final AuditLog audit;
    private final Durability durability;

    Deeds(TransactionTemplate transaction, AuditLog audit, Durability durability) {
        this.transaction = transaction;
        this.audit = audit;
        this.durability = durability;
    }

    /**
     * Runs the deed in one transaction with its audit entry; when the deed throws, neither happened.
     *
     * @param action as in {@link AuditLog#record}
     * @param subject as in {@link AuditLog#record}
     * @param details as in {@link AuditLog#record}
     * @param deed what to do
     */
    public void run(String action, String subject, String details, Runnable deed) {
        transaction.executeWithoutResult(status -> {
            deed.run();
            audit.record(action, subject, details);
            durability.confirm();
        });
    }
}

package vn.loalang.protocol;

import java.util.Optional;

/** Acknowledges journal entries, after the server has them on disk [SRV-2]. */
public record Jack(Head head, JournalAck ack) implements Document {
    public Jack {
        head.device();
    }

    @Override
    public Typ typ() {
        return Typ.JACK;
    }

    @Override
    public Optional<Row> row() {
        return Optional.empty();
    }

    static Jack read(Head head, Fields fields) {
        return new Jack(head, JournalAck.read(fields));
    }

    @Override
    public Json.Obj json() {
        return head.json(Typ.JACK).putAll(ack.json()).build();
    }
}

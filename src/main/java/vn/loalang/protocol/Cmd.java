package vn.loalang.protocol;

import java.util.Optional;

/**
 * A command to one device (§7 of PROTOCOL.md); carried out once, however often it comes [CMD-1].
 *
 * @param cid its identity, never used twice
 * @param op what to do
 */
public record Cmd(Head head, Cid cid, Op op) implements Document {
    public Cmd {
        head.device();
        Refusal.unless(head.exp() <= head.iat() + Limits.COMMAND_LIFE_MS, "exp of a cmd is at most 120 s after iat");
    }

    @Override
    public Typ typ() {
        return Typ.CMD;
    }

    @Override
    public Optional<Row> row() {
        return Optional.empty();
    }

    static Cmd read(Head head, Fields fields) {
        return new Cmd(head, new Cid(fields.string("cid")), Op.read(fields));
    }

    @Override
    public Json.Obj json() {
        Json.Obj arg = op.arg();
        return head.json(Typ.CMD)
                .put("cid", cid.value())
                .put("op", op.wire())
                .putIf("arg", arg.members().isEmpty() ? null : arg)
                .build();
    }
}

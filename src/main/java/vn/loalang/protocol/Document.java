package vn.loalang.protocol;

import java.util.Optional;

/**
 * A signed document. Constructing one checks its field table, so that neither end holds an invalid one; decoding it from
 * bytes checks the same ({@code E_SEM}).
 */
public sealed interface Document
        permits Keys, Site, Cfg, Plan, Welcome, Jack, Now, Ses, Cmd, Manifest, Firmware, Bundle {
    Head head();

    Typ typ();

    /** The members, in the order they are written. */
    Json.Obj json();

    /** Where it is stored and marked; empty for {@code welcome jack cmd man bundle} [ENV-9]. */
    Optional<Row> row();

    /** Compact JSON with the fixed order of members. */
    default byte[] payload() {
        return json().bytes();
    }

    /** Reads a payload: {@code E_JSON}, then {@code E_DST}, then {@code E_SEM}. */
    static Document decode(byte[] payload) {
        return decode(StrictJson.parse(payload));
    }

    /** Reads what a message says, whoever has signed it; refuses as {@link #decode(byte[])}, before that with {@code E_FMT}. */
    static Document inMessage(byte[] message) {
        return decode(Envelope.parse(message).payload().toArray());
    }

    /** Reads a parsed payload. */
    static Document decode(Json.Obj json) {
        Typ typ = typ(json);
        Head head = head(json);
        Fields fields = new Fields(json);
        return switch (typ) {
            case KEYS -> Keys.read(head, fields);
            case SITE -> Site.read(head, fields);
            case CFG -> Cfg.read(head, fields);
            case PLAN -> Plan.read(head, fields);
            case WELCOME -> Welcome.read(head, fields);
            case JACK -> Jack.read(head, fields);
            case NOW -> Now.read(head, fields);
            case SES -> Ses.read(head, fields);
            case CMD -> Cmd.read(head, fields);
            case MAN -> Manifest.read(head, fields);
            case FW -> Firmware.read(head, fields);
            case BUNDLE -> Bundle.read(head, fields);
        };
    }

    /** The type of a payload of version 1; everything else is {@code E_DST}. */
    static Typ typ(Json.Obj json) {
        if (!(json.get("v") instanceof Json.Int version) || version.value() != Head.VERSION) {
            throw new Refusal(ErrorCode.E_DST, "v must be " + Head.VERSION);
        }
        if (json.get("typ") instanceof Json.Str typ) {
            return Typ.of(typ.value()).orElseThrow(() -> new Refusal(ErrorCode.E_DST, "unknown typ"));
        }
        throw new Refusal(ErrorCode.E_DST, "typ must be a string");
    }

    /** The head: {@code sys} and {@code to} or {@code E_DST}, then the numbers or {@code E_SEM}. */
    private static Head head(Json.Obj json) {
        Fields fields = new Fields(json);
        return new Head(sys(json), to(json), fields.moment("seq"), fields.moment("iat"), fields.moment("exp"));
    }

    static SystemId sys(Json.Obj json) {
        try {
            return new SystemId(new Fields(json).string("sys"));
        } catch (Refusal e) {
            throw new Refusal(ErrorCode.E_DST, "sys is not a deployment");
        }
    }

    static Scope to(Json.Obj json) {
        try {
            return Scope.parse(new Fields(json).string("to"));
        } catch (Refusal e) {
            throw new Refusal(ErrorCode.E_DST, "to is not a scope");
        }
    }
}

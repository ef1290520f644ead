package vn.loalang.protocol;

/** One of the three keys everything else hangs on; its name begins with r. */
public record RootKey(Kid kid, PublicKey x) {
    public RootKey {
        Refusal.unless(kid.isRoot(), "the kid of a root begins with r");
    }

    static RootKey read(Fields fields) {
        return new RootKey(new Kid(fields.string("kid")), PublicKey.parse(fields.string("x")));
    }

    Json.Obj json() {
        return Json.object().put("kid", kid.value()).put("x", x.b64u()).build();
    }
}

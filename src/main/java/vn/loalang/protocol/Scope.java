package vn.loalang.protocol;

/** Whom a document is for ({@code to}): everyone {@code *}, one device {@code d/{id}} or an area {@code a/{area}}. */
public sealed interface Scope {
    /** The whole deployment. */
    Scope ALL = new All();

    /** The form on the wire. */
    String wire();

    static Scope of(DeviceId id) {
        return new Device(id);
    }

    static Scope of(AreaPath area) {
        return new Area(area);
    }

    static Scope parse(String wire) {
        if (wire.equals("*")) {
            return ALL;
        }
        if (wire.startsWith("d/")) {
            return new Device(new DeviceId(wire.substring(2)));
        }
        if (wire.startsWith("a/")) {
            return new Area(new AreaPath(wire.substring(2)));
        }
        throw Refusal.sem("scope must be *, d/{id} or a/{area}");
    }

    /** Everyone. */
    record All() implements Scope {
        @Override
        public String wire() {
            return "*";
        }

        @Override
        public String toString() {
            return wire();
        }
    }

    /** One device. */
    record Device(DeviceId id) implements Scope {
        @Override
        public String wire() {
            return "d/" + id;
        }

        @Override
        public String toString() {
            return wire();
        }
    }

    /** Every device that lists this area in its {@code site.areas}. */
    record Area(AreaPath area) implements Scope {
        public Area {
            Refusal.unless(!area.isRoot(), "a scope names an area; the whole deployment is *");
        }

        @Override
        public String wire() {
            return "a/" + area;
        }

        @Override
        public String toString() {
            return wire();
        }
    }
}

package vn.loalang.conformance;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads MQTT 3.1.1 packets off a stream, only as far as the proxy needs to understand them. */
final class Mqtt {
    static final int CONNECT = 1;
    static final int CONNACK = 2;
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int SUBSCRIBE = 8;
    static final int UNSUBSCRIBE = 10;
    static final int DISCONNECT = 14;

    private static final int LARGEST = 1 << 20;

    private Mqtt() {}

    /** A packet as it stands on the wire. */
    @SuppressWarnings("ArrayRecordComponent") // passed on untouched, never compared
    record Packet(int type, int flags, int bodyAt, byte[] raw) {
        int qos() {
            return type == PUBLISH ? (flags >> 1) & 3 : 0;
        }

        boolean retain() {
            return type == PUBLISH && (flags & 1) != 0;
        }

        /** The topic of a PUBLISH. */
        Optional<String> topic() {
            return type == PUBLISH ? Optional.of(text(bodyAt)) : Optional.empty();
        }

        /** The payload of a PUBLISH. */
        byte[] payload() {
            int at = bodyAt + 2 + u16(bodyAt) + (qos() > 0 ? 2 : 0);
            return java.util.Arrays.copyOfRange(raw, at, raw.length);
        }

        /** Filters of a SUBSCRIBE or UNSUBSCRIBE. */
        List<String> filters() {
            var filters = new ArrayList<String>();
            if (type != SUBSCRIBE && type != UNSUBSCRIBE) return filters;
            for (int at = bodyAt + 2; at < raw.length; ) {
                filters.add(text(at));
                at += 2 + u16(at) + (type == SUBSCRIBE ? 1 : 0);
            }
            return filters;
        }

        /** What a CONNECT says; empty for other packets and other protocols. */
        Optional<Connect> connect() {
            if (type != CONNECT) return Optional.empty();
            int at = bodyAt + 2 + u16(bodyAt);
            int level = raw[at] & 0xff;
            int bits = raw[at + 1] & 0xff;
            int keepAlive = u16(at + 2);
            at += 4;
            var clientId = text(at);
            at += 2 + u16(at);
            var willTopic = "";
            var will = "";
            if ((bits & 4) != 0) {
                willTopic = text(at);
                at += 2 + u16(at);
                will = text(at);
                at += 2 + u16(at);
            }
            var user = (bits & 0x80) != 0 ? text(at) : "";
            return Optional.of(new Connect(
                    level, (bits & 2) != 0, keepAlive, clientId, willTopic, will, (bits & 0x20) != 0, user));
        }

        private int u16(int at) {
            return (raw[at] & 0xff) << 8 | (raw[at + 1] & 0xff);
        }

        private String text(int at) {
            return new String(raw, at + 2, u16(at), StandardCharsets.UTF_8);
        }
    }

    /** The fields of a CONNECT. */
    record Connect(
            int level,
            boolean clean,
            int keepAlive,
            String clientId,
            String willTopic,
            String will,
            boolean willRetain,
            String user) {}

    /** The next packet; {@link EOFException} at the end of the stream. */
    static Packet read(InputStream in) throws IOException {
        int first = in.read();
        if (first < 0) throw new EOFException();
        var head = new byte[5];
        head[0] = (byte) first;
        int size = 0;
        int used = 1;
        for (int shift = 0; ; shift += 7) {
            int next = in.read();
            if (next < 0) throw new EOFException();
            head[used++] = (byte) next;
            size |= (next & 0x7f) << shift;
            if ((next & 0x80) == 0) break;
            if (shift == 21) throw new IOException("Not MQTT");
        }
        if (size > LARGEST) throw new IOException("A packet of " + size + " bytes");
        var raw = new byte[used + size];
        System.arraycopy(head, 0, raw, 0, used);
        if (in.readNBytes(raw, used, size) < size) throw new EOFException();
        return new Packet(first >> 4, first & 15, used, raw);
    }
}

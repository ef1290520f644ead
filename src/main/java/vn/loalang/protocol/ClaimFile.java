package vn.loalang.protocol;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an unclaimed device takes once from a USB stick or card ({@code claim.gbf}, [CLM-1]).
 *
 * @param sys deployment
 * @param id the one device it is for; null ({@code *} on the wire) for any whose box PIN matches
 * @param t when it was made, Unix ms; raises the floor
 * @param roots the three pinned roots
 * @param ca certificates of the deployment's CA, PEM
 * @param broker where to connect, in order of preference
 * @param cred how to log in
 * @param apn of the modem, or null
 * @param pin the six digits printed inside the box, or null; required without {@code id}
 */
public record ClaimFile(
        SystemId sys,
        @Nullable DeviceId id,
        long t,
        List<RootKey> roots,
        List<String> ca,
        List<Broker> broker,
        Credential cred,
        @Nullable String apn,
        @Nullable String pin) {
    private static final Pattern PIN = Pattern.compile("[0-9]{6}");
    private static final int LONGEST_PEM = 16_384;
    private static final int LONGEST_TEXT = 512;
    private static final int MOST = 8;

    /** Name under which the file lies on the medium. */
    public static final String FILE_NAME = "claim.gbf";

    /** An MQTT endpoint; always TLS unless the device is told otherwise by hand. */
    public record Broker(String host, int port) {
        public Broker {
            Refusal.unless(!host.isEmpty() && host.length() <= 253, "broker[].host must have 1 to 253 characters");
            Refusal.inRange("broker[].port", port, 1, 65_535);
        }
    }

    /** How the device logs in at the broker. */
    public sealed interface Credential {
        /** With a password of at least 128 random bits. Its text never shows it. */
        record Password(String user, String pass) implements Credential {
            public Password {
                Refusal.unless(!user.isEmpty() && user.length() <= LONGEST_TEXT, "cred.user is empty or too long");
                Refusal.unless(!pass.isEmpty() && pass.length() <= LONGEST_TEXT, "cred.pass is empty or too long");
            }

            @Override
            public String toString() {
                return user;
            }
        }

        /** With a client certificate, PEM. */
        record Certificate(String cert) implements Credential {
            public Certificate {
                Refusal.unless(!cert.isEmpty() && cert.length() <= LONGEST_PEM, "cred.cert is empty or too long");
            }
        }
    }

    public ClaimFile {
        roots = List.copyOf(roots);
        ca = List.copyOf(ca);
        broker = List.copyOf(broker);
        Refusal.inRange("t", t, 0, Limits.MAX_INTEGER);
        Refusal.unless(roots.size() == Limits.ROOTS, "roots must be " + Limits.ROOTS);
        Set<Object> seen = new HashSet<>();
        for (RootKey root : roots) {
            Refusal.unless(seen.add(root.kid()) && seen.add(root.x()), "roots[] names a kid or x twice");
        }
        Refusal.unless(!broker.isEmpty() && broker.size() <= MOST, "broker must have 1 to 8 entries");
        Refusal.atMost("ca", ca.size(), MOST);
        Refusal.unless(pin == null || PIN.matcher(pin).matches(), "pin must be 6 digits");
        Refusal.unless(id != null || pin != null, "a claim file for any device needs the pin");
    }

    /** Whether it is for this device, whose box may have a printed PIN. */
    public boolean fits(DeviceId device, Optional<String> boxPin) {
        return id == null ? boxPin.isPresent() && boxPin.get().equals(pin) : id.equals(device);
    }

    /** Reads the file; refuses with {@code E_JSON} or {@code E_SEM}. */
    public static ClaimFile decode(byte[] file) {
        Fields fields = new Fields(StrictJson.parse(file));
        Refusal.unless(fields.small("v", 0, Integer.MAX_VALUE) == Head.VERSION, "v must be " + Head.VERSION);
        String id = fields.string("id");
        Fields cred = fields.fields("cred");
        return new ClaimFile(
                new SystemId(fields.string("sys")),
                id.equals("*") ? null : new DeviceId(id),
                fields.moment("t"),
                fields.objects("roots", Limits.ROOTS, RootKey::read),
                fields.strings("ca", MOST, pem -> pem),
                fields.objects("broker", MOST, item -> new Broker(item.string("host"), item.small("port", 1, 65_535))),
                cred.has("cert")
                        ? new Credential.Certificate(cred.string("cert"))
                        : new Credential.Password(cred.string("user"), cred.string("pass")),
                fields.optionalString("apn", LONGEST_TEXT),
                fields.optionalString("pin", 6));
    }

    /** The file. */
    public byte[] encode() {
        Json.Obj.Builder login = Json.object();
        if (cred instanceof Credential.Password password) {
            login.put("user", password.user()).put("pass", password.pass());
        } else if (cred instanceof Credential.Certificate certificate) {
            login.put("cert", certificate.cert());
        }
        return Json.object()
                .put("v", Head.VERSION)
                .put("sys", sys.value())
                .put("id", id == null ? "*" : id.value())
                .put("t", t)
                .put("roots", Json.array(roots.stream().map(RootKey::json).toList()))
                .put(
                        "broker",
                        Json.array(broker.stream()
                                .map(item -> Json.object()
                                        .put("host", item.host())
                                        .put("port", item.port())
                                        .build())
                                .toList()))
                .put("cred", login.build())
                .put("ca", Json.strings(ca))
                .putIf("apn", apn == null ? null : Json.of(apn))
                .putIf("pin", pin == null ? null : Json.of(pin))
                .build()
                .bytes();
    }
}

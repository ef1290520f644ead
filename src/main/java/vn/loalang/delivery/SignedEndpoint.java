package vn.loalang.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.AreaPath;
import vn.loalang.area.Refusal;
import vn.loalang.broadcast.BroadcastId;
import vn.loalang.broadcast.Broadcasts;
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Scope;

/** Where duty officers fetch what they shall sign and hand in what they have signed; the signature decides, not the session. */
@RestController
class SignedEndpoint {
    /** As many as an officer looks at; the rest follows when these are signed. */
    private static final int SETTINGS_AT_ONCE = 500;

    private final SignedDocuments signed;
    private final Emergencies emergencies;
    private final UnsignedSettings settings;
    private final Broadcasts broadcasts;
    private final Addressees addressees;
    private final Access access;

    SignedEndpoint(
            SignedDocuments signed,
            Emergencies emergencies,
            UnsignedSettings settings,
            Broadcasts broadcasts,
            Addressees addressees,
            Access access) {
        this.signed = signed;
        this.emergencies = emergencies;
        this.settings = settings;
        this.broadcasts = broadcasts;
        this.addressees = addressees;
        this.access = access;
    }

    /**
     * What an officer takes to his own machine. Only the documents are signed; the rest tells him what we call them.
     *
     * @param oid and
     * @param title of an order
     * @param places names by scope
     * @param documents payloads by scope, to be signed as they are
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Offer(
            @Nullable String oid, @Nullable String title, Map<String, String> places, Map<String, String> documents) {}

    /** An order that waits for an officer's signature. */
    record Waiting(String oid, String title) {}

    /** The orders that wait for an officer's signature, the newest first. */
    @GetMapping("/api/v1/orders/armed")
    List<Waiting> armed() {
        access.requireAnywhere(Role.OPERATOR);
        return emergencies.offered().stream()
                .map(id -> new Waiting(id.toString(), title(id)))
                .toList();
    }

    /** Payloads of an order that waits for an officer, by scope, to be signed with this key as they are. */
    @GetMapping("/api/v1/orders/{oid}/unsigned")
    Offer unsigned(@PathVariable String oid, @RequestParam String by) {
        access.requireAnywhere(Role.OPERATOR);
        var order = BroadcastId.of(new Oid(oid))
                .flatMap(emergencies::armed)
                .orElseThrow(() -> new Refusal("oid", "delivery.refused.notArmed"));
        if (!emergencies.isOffered(order.id())) {
            throw new Refusal("oid", "delivery.refused.notOffered");
        }
        return offer(order.id(), emergencies.unsigned(order, new Kid(by)));
    }

    /** Payloads of the all-clear of a released order, by scope, to be signed with this key, which released it, as they are. */
    @GetMapping("/api/v1/orders/{oid}/unsigned-clear")
    Offer unsignedClear(@PathVariable String oid, @RequestParam String by) {
        access.requireAnywhere(Role.OPERATOR);
        var id = BroadcastId.of(new Oid(oid))
                .filter(order -> emergencies.releasedAt(order).isPresent())
                .orElseThrow(() -> new Refusal("oid", "delivery.refused.orderOver"));
        return offer(id, emergencies.unsignedClear(id, new Kid(by)));
    }

    /** Safety settings that wait for an officer, by box, at most 500 at once; those of boxes without any first. */
    @GetMapping("/api/v1/settings/unsigned")
    Offer unsignedSettings() {
        access.require(Role.ADMINISTRATOR, AreaPath.ROOT);
        return offer(null, null, settings.payloads(SETTINGS_AT_ONCE));
    }

    private Offer offer(BroadcastId id, Map<Scope, Bytes> payloads) {
        return offer(id.toString(), title(id), payloads);
    }

    private Offer offer(@Nullable String oid, @Nullable String title, Map<Scope, Bytes> payloads) {
        var names = new LinkedHashMap<String, String>();
        addressees.names(payloads.keySet()).forEach((scope, name) -> names.put(scope.wire(), name));
        var texts = new LinkedHashMap<String, String>();
        payloads.forEach(
                (scope, payload) -> texts.put(scope.wire(), new String(payload.toArray(), StandardCharsets.UTF_8)));
        return new Offer(oid, title, names, texts);
    }

    private String title(BroadcastId id) {
        return broadcasts.title(id).orElse("");
    }

    /**
     * A signed document, byte for byte; answers with its row.
     *
     * @param anyway as {@link SignedDocuments#accept(byte[], boolean)}
     */
    @PostMapping(path = "/api/v1/signed", consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    Map<String, String> accept(@RequestBody byte[] message, @RequestParam(defaultValue = "false") boolean anyway) {
        access.requireAnywhere(Role.OPERATOR);
        return Map.of("row", signed.accept(message, anyway).wire());
    }
}

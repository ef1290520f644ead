package vn.loalang.delivery;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
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
    private final SignedDocuments signed;
    private final Emergencies emergencies;
    private final Broadcasts broadcasts;
    private final Addressees addressees;
    private final Access access;

    SignedEndpoint(
            SignedDocuments signed,
            Emergencies emergencies,
            Broadcasts broadcasts,
            Addressees addressees,
            Access access) {
        this.signed = signed;
        this.emergencies = emergencies;
        this.broadcasts = broadcasts;
        this.addressees = addressees;
        this.access = access;
    }

    /**
     * What an officer takes to his own machine. Only the documents are signed; the rest tells him what we call them.
     *
     * @param places names by scope
     * @param documents payloads by scope, to be signed as they are
     */
    record Offer(String oid, String title, Map<String, String> places, Map<String, String> documents) {}

    /** An order that waits to be released. */
    record Waiting(String oid, String title) {}

    /** The orders that wait to be released, the newest first. */
    @GetMapping("/api/v1/orders/armed")
    List<Waiting> armed() {
        access.requireAnywhere(Role.OPERATOR);
        return emergencies.waiting().stream()
                .map(id -> new Waiting(id.toString(), title(id)))
                .toList();
    }

    /** Payloads of an armed order, by scope, to be signed with this key as they are. */
    @GetMapping("/api/v1/orders/{oid}/unsigned")
    Offer unsigned(@PathVariable String oid, @RequestParam String by) {
        access.requireAnywhere(Role.OPERATOR);
        var order = BroadcastId.of(new Oid(oid))
                .flatMap(emergencies::armed)
                .orElseThrow(() -> new Refusal("oid", "delivery.refused.notArmed"));
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

    private Offer offer(BroadcastId id, Map<Scope, Bytes> payloads) {
        var names = new LinkedHashMap<String, String>();
        addressees.names(payloads.keySet()).forEach((scope, name) -> names.put(scope.wire(), name));
        var texts = new LinkedHashMap<String, String>();
        payloads.forEach(
                (scope, payload) -> texts.put(scope.wire(), new String(payload.toArray(), StandardCharsets.UTF_8)));
        return new Offer(id.toString(), title(id), names, texts);
    }

    private String title(BroadcastId id) {
        return broadcasts.title(id).orElse("");
    }

    /** A signed document, byte for byte; answers with its row. */
    @PostMapping(path = "/api/v1/signed", consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    Map<String, String> accept(@RequestBody byte[] message) {
        access.requireAnywhere(Role.OPERATOR);
        return Map.of("row", signed.accept(message).wire());
    }
}

package vn.loalang.delivery;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
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
import vn.loalang.protocol.Bytes;
import vn.loalang.protocol.Kid;
import vn.loalang.protocol.Oid;
import vn.loalang.protocol.Scope;

/** Where duty officers fetch what they shall sign and hand in what they have signed; the signature decides, not the session. */
@RestController
class SignedEndpoint {
    private final SignedDocuments signed;
    private final Emergencies emergencies;
    private final Access access;

    SignedEndpoint(SignedDocuments signed, Emergencies emergencies, Access access) {
        this.signed = signed;
        this.emergencies = emergencies;
        this.access = access;
    }

    /** Payloads of an armed order, by scope, to be signed with this key as they are. */
    @GetMapping("/api/v1/orders/{oid}/unsigned")
    Map<String, String> unsigned(@PathVariable String oid, @RequestParam String by) {
        access.requireAnywhere(Role.OPERATOR);
        var order = BroadcastId.of(new Oid(oid))
                .flatMap(emergencies::armed)
                .orElseThrow(() -> new Refusal("oid", "delivery.refused.notArmed"));
        return texts(emergencies.unsigned(order, new Kid(by)));
    }

    /** Payloads of the all-clear of a released order, by scope, to be signed with this key, which released it, as they are. */
    @GetMapping("/api/v1/orders/{oid}/unsigned-clear")
    Map<String, String> unsignedClear(@PathVariable String oid, @RequestParam String by) {
        access.requireAnywhere(Role.OPERATOR);
        var id = BroadcastId.of(new Oid(oid))
                .filter(order -> emergencies.releasedAt(order).isPresent())
                .orElseThrow(() -> new Refusal("oid", "delivery.refused.orderOver"));
        return texts(emergencies.unsignedClear(id, new Kid(by)));
    }

    private static Map<String, String> texts(Map<Scope, Bytes> payloads) {
        var texts = new LinkedHashMap<String, String>();
        payloads.forEach(
                (scope, payload) -> texts.put(scope.wire(), new String(payload.toArray(), StandardCharsets.UTF_8)));
        return texts;
    }

    /** A signed document, byte for byte; answers with its row. */
    @PostMapping(path = "/api/v1/signed", consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    Map<String, String> accept(@RequestBody byte[] message) {
        access.requireAnywhere(Role.OPERATOR);
        return Map.of("row", signed.accept(message).wire());
    }
}

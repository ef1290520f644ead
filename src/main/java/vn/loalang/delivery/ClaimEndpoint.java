package vn.loalang.delivery;

import java.net.URI;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import vn.loalang.access.Access;
import vn.loalang.access.Role;
import vn.loalang.area.Areas;
import vn.loalang.area.Refusal;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.ClaimFile;

/** Hands claim files to technicians and takes credentials away. */
@RestController
class ClaimEndpoint {
    private final ClaimFiles claims;
    private final Fleet fleet;
    private final Areas areas;
    private final Access access;

    ClaimEndpoint(ClaimFiles claims, Fleet fleet, Areas areas, Access access) {
        this.claims = claims;
        this.fleet = fleet;
        this.areas = areas;
        this.access = access;
    }

    @PostMapping("/fleet/{id}/claim")
    ResponseEntity<byte[]> claim(@PathVariable long id, @RequestParam(defaultValue = "") String code) {
        var controller = permitted(id);
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .cacheControl(CacheControl.noStore())
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment()
                                .filename(ClaimFile.FILE_NAME)
                                .build()
                                .toString())
                .body(claims.forController(controller, code));
    }

    @PostMapping("/fleet/{id}/revoke")
    ResponseEntity<Void> revoke(@PathVariable long id) {
        claims.revoke(permitted(id));
        return ResponseEntity.status(HttpStatus.SEE_OTHER)
                .location(URI.create("/fleet/" + id))
                .build();
    }

    private ControllerId permitted(long id) {
        if (id <= 0) {
            throw new Refusal("", "fleet.refused.missing", id);
        }
        var controller =
                fleet.find(new ControllerId(id)).orElseThrow(() -> new Refusal("", "fleet.refused.missing", id));
        access.require(
                Role.TECHNICIAN,
                areas.find(controller.areaId().value()).orElseThrow().path());
        return controller.id();
    }
}

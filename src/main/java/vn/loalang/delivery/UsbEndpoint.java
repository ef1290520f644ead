package vn.loalang.delivery;

import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import vn.loalang.access.Access;
import vn.loalang.access.AuditLog;
import vn.loalang.access.Role;
import vn.loalang.area.Areas;
import vn.loalang.area.Refusal;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;

/** Sticks out and journals in, on a pole's page. */
@RestController
class UsbEndpoint {
    private final UsbSticks sticks;
    private final Fleet fleet;
    private final Areas areas;
    private final Access access;
    private final AuditLog audit;

    UsbEndpoint(UsbSticks sticks, Fleet fleet, Areas areas, Access access, AuditLog audit) {
        this.sticks = sticks;
        this.fleet = fleet;
        this.areas = areas;
        this.access = access;
        this.audit = audit;
    }

    /** The stick as a ZIP file. Making one numbers a plan, so it is no mere look. */
    @PostMapping("/fleet/{id}/stick")
    void stick(
            @PathVariable long id,
            @RequestParam(defaultValue = "" + UsbSticks.DAYS) int days,
            HttpServletResponse response)
            throws IOException {
        var controller = permitted(id);
        var whole = new ByteArrayOutputStream();
        var till = sticks.write(controller, days, whole);
        audit.record("delivery.stickWritten", String.valueOf(id), till.toString());
        response.setContentType("application/zip");
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION,
                ContentDisposition.attachment()
                        .filename("gb1-" + id + "-" + till.toString().substring(0, 10) + ".zip")
                        .build()
                        .toString());
        response.setContentLength(whole.size());
        whole.writeTo(response.getOutputStream());
    }

    /** A journal that came back. */
    @PostMapping("/fleet/{id}/journal")
    ResponseEntity<Void> journal(@PathVariable long id, @RequestParam MultipartFile journal) throws IOException {
        permitted(id);
        var unit = sticks.read(journal.getBytes());
        audit.record("delivery.journalRead", unit.value(), "");
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

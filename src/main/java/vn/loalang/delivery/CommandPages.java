package vn.loalang.delivery;

import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import vn.loalang.access.Access;
import vn.loalang.access.AuditLog;
import vn.loalang.access.Role;
import vn.loalang.area.Areas;
import vn.loalang.area.Refusal;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Op;

/** Buttons of a technician on a pole's page: what the box shall do once, and what it answered. */
@Controller
class CommandPages {
    private static final int BEEP_SECONDS = 2;
    private static final int BLINK_SECONDS = 30;

    private final Commands commands;
    private final Fleet fleet;
    private final Areas areas;
    private final Access access;
    private final AuditLog audit;

    CommandPages(Commands commands, Fleet fleet, Areas areas, Access access, AuditLog audit) {
        this.commands = commands;
        this.fleet = fleet;
        this.areas = areas;
        this.access = access;
        this.audit = audit;
    }

    /** Sends one command. */
    @PostMapping("/fleet/{id}/command")
    String send(@PathVariable long id, @RequestParam String op) {
        var unit = unit(id);
        commands.send(unit, op(op), access.me().name());
        audit.record("delivery.commanded", unit.value(), op);
        return "redirect:/fleet/" + id + "#commands";
    }

    /** The live region with the newest results. */
    @GetMapping("/fleet/{id}/commands")
    String results(@PathVariable long id, Model model) {
        model.addAttribute("unit", unit(id));
        return "delivery/commands :: results";
    }

    private static Op op(String name) {
        return switch (name) {
            case "tone" -> new Op.Tone(BEEP_SECONDS);
            case "identify" -> new Op.Identify(BLINK_SECONDS);
            case "measure" -> new Op.Measure();
            case "state" -> new Op.Report(Op.Report.What.STATE, java.util.Optional.empty());
            case "log" -> new Op.Report(Op.Report.What.LOG, java.util.Optional.empty());
            case "reboot" -> new Op.Reboot();
            default -> throw new Refusal("op", "delivery.refused.command");
        };
    }

    private DeviceId unit(long id) {
        if (id <= 0) {
            throw new Refusal("", "fleet.refused.missing", id);
        }
        var controller =
                fleet.find(new ControllerId(id)).orElseThrow(() -> new Refusal("", "fleet.refused.missing", id));
        access.require(
                Role.TECHNICIAN,
                areas.find(controller.areaId().value()).orElseThrow().path());
        return fleet.unitOf(controller.id()).orElseThrow(() -> new Refusal("unit", "delivery.refused.noUnit"));
    }
}

package vn.loalang.web;

import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseBody;
import vn.loalang.area.Refusal;

/** A page with a live region, and endpoints that fail, for tests. */
@Controller
class ProbePages {
    final AtomicInteger count = new AtomicInteger();

    @GetMapping("/probe")
    String page(Model model) {
        model.addAttribute("count", count.get());
        return "web/probe";
    }

    @GetMapping("/probe/part")
    String part(Model model) {
        model.addAttribute("count", count.get());
        return "web/probe :: part";
    }

    @GetMapping({"/api/v1/probe-refusal", "/probe/refusal"})
    @ResponseBody
    String refuse() {
        throw new Refusal("name", "area.refused.name", 200);
    }

    @GetMapping({"/api/v1/probe-failure", "/probe/failure"})
    @ResponseBody
    String fail() {
        throw new IllegalStateException("a secret of the machine");
    }
}

package vn.loalang.access;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/** The way into Quản trị. */
@Controller
class AdminPages {
    @GetMapping("/admin")
    String first() {
        return "redirect:/admin/people";
    }
}

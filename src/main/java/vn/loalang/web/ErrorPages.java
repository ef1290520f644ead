package vn.loalang.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.context.MessageSource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.ModelAndView;

/** What is shown when something failed: what it means and what to do, never why in the machine's words. */
@Controller
class ErrorPages implements ErrorController {
    private final MessageSource messages;

    ErrorPages(MessageSource messages) {
        this.messages = messages;
    }

    @RequestMapping("/error")
    Object error(HttpServletRequest request, Locale locale) {
        var status = status(request);
        var key = "web.error."
                + switch (status.value()) {
                    case 403 -> "forbidden";
                    case 404 -> "notFound";
                    case 400, 405, 406, 413, 415, 422 -> "bad";
                    case 401 -> "signIn";
                    default -> "server";
                };
        var title = messages.getMessage(key, null, locale);
        var sentence = messages.getMessage(key + ".what", null, locale);
        var path = String.valueOf(request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI));
        if (Errors.forPrograms(path, request.getHeader("Accept"))) {
            var problem = ProblemDetail.forStatusAndDetail(status, sentence);
            return ResponseEntity.status(status)
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .body(problem);
        }
        var page = new ModelAndView("web/error")
                .addObject("title", title)
                .addObject("sentence", sentence)
                .addObject("status", status.value());
        page.setStatus(status);
        return page;
    }

    private static HttpStatus status(HttpServletRequest request) {
        var code = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        var status = code instanceof Integer number ? HttpStatus.resolve(number) : null;
        return status == null ? HttpStatus.NOT_FOUND : status;
    }
}

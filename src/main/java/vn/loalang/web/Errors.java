package vn.loalang.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Locale;
import org.springframework.context.MessageSource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.servlet.ModelAndView;
import vn.loalang.area.Refusal;

/** A refusal that no page put beside its field: a page of its own for people, an RFC 9457 problem for programs. */
@ControllerAdvice
class Errors {
    private final MessageSource messages;

    Errors(MessageSource messages) {
        this.messages = messages;
    }

    @ExceptionHandler
    Object on(Refusal refusal, HttpServletRequest request, HttpServletResponse response, Locale locale) {
        var sentence = messages.getMessage(refusal.messageKey(), refusal.arguments(), locale);
        if (forPrograms(request.getRequestURI(), request.getHeader("Accept"))) {
            var problem = ProblemDetail.forStatusAndDetail(HttpStatus.UNPROCESSABLE_CONTENT, sentence);
            problem.setProperty("field", refusal.field());
            problem.setProperty("code", refusal.messageKey());
            return ResponseEntity.status(HttpStatus.UNPROCESSABLE_CONTENT)
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .body(problem);
        }
        response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
        return new ModelAndView("web/error")
                .addObject("title", messages.getMessage("web.error.refused", null, locale))
                .addObject("sentence", sentence)
                .addObject("status", 422);
    }

    static boolean forPrograms(String path, @org.jspecify.annotations.Nullable String accept) {
        return path.startsWith("/api/")
                || path.startsWith("/gb1/")
                || (accept != null && accept.contains("json") && !accept.contains("html"));
    }
}

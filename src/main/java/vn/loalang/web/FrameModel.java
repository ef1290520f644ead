package vn.loalang.web;

import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/** Gives every template {@code frame} and {@code times}; Thymeleaf forbids beans in many attributes. */
@ControllerAdvice
final class FrameModel {
    private final Frame frame;
    private final Times times;

    FrameModel(Frame frame, Times times) {
        this.frame = frame;
        this.times = times;
    }

    @ModelAttribute("frame")
    Frame frame() {
        return frame;
    }

    @ModelAttribute("times")
    Times times() {
        return times;
    }
}

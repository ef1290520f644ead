package vn.loalang.web;

import org.springframework.stereotype.Component;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;

/**
 * Gives every template {@code frame} and {@code times}, error pages included; Thymeleaf forbids naming beans in many
 * attributes.
 */
@Component
final class FrameModel {
    FrameModel(ThymeleafViewResolver views, Frame frame, Times times) {
        views.addStaticVariable("frame", frame);
        views.addStaticVariable("times", times);
    }
}

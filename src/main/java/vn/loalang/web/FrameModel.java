package vn.loalang.web;

import org.springframework.stereotype.Component;
import org.thymeleaf.spring6.view.ThymeleafViewResolver;

/**
 * Gives every template {@code frame}, {@code times} and {@code languages}, error pages included; Thymeleaf forbids naming beans
 * in many attributes.
 */
@Component
final class FrameModel {
    FrameModel(ThymeleafViewResolver views, Frame frame, Times times, LanguageNames languages) {
        views.addStaticVariable("frame", frame);
        views.addStaticVariable("times", times);
        views.addStaticVariable("languages", languages);
    }
}

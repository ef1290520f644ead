package vn.loalang.demo;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;

/** Present only when the server was started with {@code --demo}, not {@code --demo=false} ({@code spring-boot:run} does, {@code java -jar} does not). */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ConditionalOnProperty(name = "demo") // anything but false
@interface WithDemo {}

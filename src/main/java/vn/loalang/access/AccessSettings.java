package vn.loalang.access;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How people sign in, under {@code loalang.access}.
 *
 * @param bcryptStrength work factor of password hashes, 4 to 16; each step doubles the time (12 is about 0.3 s)
 */
@Validated
@ConfigurationProperties("loalang.access")
record AccessSettings(@DefaultValue("12") @Min(4) @Max(16) int bcryptStrength) {}

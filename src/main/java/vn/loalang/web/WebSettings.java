package vn.loalang.web;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How pages are served, under {@code loalang.web}; the https port is {@code server.port}.
 *
 * @param httpPort port of plain http, bound to loopback only; 0 takes any free one
 */
@Validated
@ConfigurationProperties("loalang.web")
record WebSettings(@DefaultValue("8080") @Min(0) @Max(65535) int httpPort) {}

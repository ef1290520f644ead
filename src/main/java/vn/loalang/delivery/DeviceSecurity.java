package vn.loalang.delivery;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.web.SecurityFilterChain;

/** The boxes' door on the web server: their broker credential by Basic, no session, no people. */
@Configuration(proxyBeanMethods = false)
class DeviceSecurity {
    private static final SimpleGrantedAuthority DEVICE = new SimpleGrantedAuthority("DEVICE");

    @Bean
    @Order(100)
    SecurityFilterChain devices(HttpSecurity http, Accounts accounts) throws Exception {
        return http.securityMatcher("/gb1/**")
                .authenticationManager(manager(accounts))
                .authorizeHttpRequests(rules -> rules.anyRequest().hasAuthority(DEVICE.getAuthority()))
                .httpBasic(basic -> basic.realmName("gb1"))
                .csrf(csrf -> csrf.disable())
                .requestCache(cache -> cache.disable())
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(headers -> headers.cacheControl(cache -> cache.disable())
                        .httpStrictTransportSecurity(hsts -> hsts.disable()))
                .build();
    }

    private static AuthenticationManager manager(Accounts accounts) {
        return claimed -> {
            var password = claimed.getCredentials() instanceof String text
                    ? text.getBytes(StandardCharsets.UTF_8)
                    : new byte[0];
            var rights = accounts.login(claimed.getName(), password).orElse(null);
            if (!(rights instanceof Accounts.Rights.Device)) {
                throw new BadCredentialsException("not a box of ours");
            }
            return UsernamePasswordAuthenticationToken.authenticated(claimed.getName(), null, List.of(DEVICE));
        };
    }
}

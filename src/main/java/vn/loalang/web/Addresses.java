package vn.loalang.web;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.catalina.connector.Connector;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import vn.loalang.area.ServerSettings;

/** Where this server is reached; known once it listens. */
@Component
public final class Addresses {
    private final ServerSettings settings;
    private volatile int httpsPort;
    private volatile @Nullable Connector http;

    Addresses(ServerSettings settings) {
        this.settings = settings;
    }

    @EventListener
    void listening(WebServerInitializedEvent event) {
        httpsPort = event.getWebServer().getPort();
    }

    void http(Connector connector) {
        http = connector;
    }

    /** Port of https on all addresses; empty before the server listens. */
    public OptionalInt httpsPort() {
        return httpsPort > 0 ? OptionalInt.of(httpsPort) : OptionalInt.empty();
    }

    /** Port of http on loopback; empty before the server listens. */
    public OptionalInt httpPort() {
        var connector = http;
        return connector != null && connector.getLocalPort() > 0
                ? OptionalInt.of(connector.getLocalPort())
                : OptionalInt.empty();
    }

    /** The host by which others on the network reach this machine: the configured one, else the first address. */
    public String host() {
        return Optional.ofNullable(settings.publicHost())
                .orElseGet(() -> ownAddresses().stream().findFirst().orElse("localhost"));
    }

    /** Base of https links for other machines, without a trailing slash; empty before the server listens. */
    public Optional<URI> https() {
        return httpsPort > 0
                ? Optional.of(URI.create("https://" + literal(host()) + ":" + httpsPort))
                : Optional.empty();
    }

    /** Addresses of this machine that others may reach, IPv4 first, without loopback and link-local ones. */
    public static List<String> ownAddresses() {
        var found = new ArrayList<String>();
        try {
            for (var network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                for (var address : Collections.list(network.getInetAddresses())) {
                    if (!address.isLoopbackAddress() && !address.isLinkLocalAddress()) {
                        found.add(text(address));
                    }
                }
            }
        } catch (SocketException e) {
            throw new IllegalStateException("Cannot list this machine's addresses", e);
        }
        found.sort(java.util.Comparator.comparing((String address) -> address.contains(":"))
                .thenComparing(address -> address));
        return List.copyOf(found);
    }

    private static String text(InetAddress address) {
        var text = address.getHostAddress();
        var zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    private static String literal(String host) {
        return host.contains(":") ? "[" + host + "]" : host;
    }
}

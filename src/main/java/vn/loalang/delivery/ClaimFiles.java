package vn.loalang.delivery;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import vn.loalang.access.AuditLog;
import vn.loalang.area.Durability;
import vn.loalang.area.Refusal;
import vn.loalang.area.ServerSettings;
import vn.loalang.fleet.ControllerId;
import vn.loalang.fleet.Fleet;
import vn.loalang.protocol.ClaimFile;
import vn.loalang.protocol.DeviceId;
import vn.loalang.protocol.Keys;
import vn.loalang.protocol.RootKey;
import vn.loalang.web.Addresses;
import vn.loalang.web.DeploymentTls;

/**
 * Claim files, carried by hand to the box on a pole ({@code claim.gbf}, CLM-1). Each holds a fresh credential; the one
 * before is void from then on.
 */
@Component
public class ClaimFiles {
    private static final Pattern PIN = Pattern.compile("[0-9]{6}");
    private static final Pattern LABEL = Pattern.compile("(?:GB1:)?([A-Z2-7]{16})(?::.*)?");

    private final Fleet fleet;
    private final KeyStore keys;
    private final Documents documents;
    private final Credentials credentials;
    private final BrokerSettings brokerSettings;
    private final ServerSettings server;
    private final Broker broker;
    private final Addresses addresses;
    private final DeploymentTls tls;
    private final Durability durability;
    private final Clock clock;
    private final AuditLog audit;

    ClaimFiles(
            Fleet fleet,
            KeyStore keys,
            Documents documents,
            Credentials credentials,
            BrokerSettings brokerSettings,
            ServerSettings server,
            Broker broker,
            Addresses addresses,
            DeploymentTls tls,
            Durability durability,
            Clock clock,
            AuditLog audit) {
        this.fleet = fleet;
        this.keys = keys;
        this.documents = documents;
        this.credentials = credentials;
        this.brokerSettings = brokerSettings;
        this.server = server;
        this.broker = broker;
        this.addresses = addresses;
        this.tls = tls;
        this.durability = durability;
        this.clock = clock;
        this.audit = audit;
    }

    /**
     * A new claim file for the box on this pole.
     *
     * @throws Refusal when no box hangs there
     */
    @Transactional
    public byte[] forController(ControllerId controller) {
        return forUnit(unitOf(controller), null);
    }

    /**
     * A new claim file for a registered box whose printed PIN the technician has read, instead of trusting the id alone.
     *
     * @param pin 6 digits inside the box; null binds the file to the id
     */
    @Transactional
    public byte[] forUnit(DeviceId unit, @Nullable String pin) {
        if (fleet.unit(unit).isEmpty()) {
            throw new Refusal("unit", "delivery.refused.unitMissing", unit.value());
        }
        var secret = credentials.issue(unit);
        audit.record("delivery.claimed", unit.value(), pin == null ? "" : "PIN");
        durability.confirm();
        return file(unit, secret, pin).encode();
    }

    /** The claim file of a box whose secret is stored already. */
    ClaimFile file(DeviceId unit, Secret secret, @Nullable String pin) {
        return new ClaimFile(
                keys.sys(),
                pin == null ? unit : null,
                clock.instant().toEpochMilli(),
                roots(),
                authorities(),
                brokers(),
                new ClaimFile.Credential.Password(unit.value(), secret.text()),
                null,
                pin);
    }

    /**
     * A new claim file for the box on this pole, as the technician asked for it.
     *
     * @param typed empty for a file bound to the box's id, 6 digits for the PIN printed inside it, or the box's code or
     *     whole label, which must then be that of the box on this pole
     * @throws Refusal when no box hangs there, or another one than typed
     */
    @Transactional
    public byte[] forController(ControllerId controller, String typed) {
        var unit = unitOf(controller);
        var code = typed.strip();
        if (PIN.matcher(code).matches()) {
            return forUnit(unit, code);
        }
        var label = LABEL.matcher(code.toUpperCase(Locale.ROOT));
        if (!code.isEmpty() && !(label.matches() && label.group(1).equals(unit.value()))) {
            throw new Refusal("code", "delivery.refused.otherUnit", code, unit.value());
        }
        return forUnit(unit, null);
    }

    /**
     * Takes the credential of the box on this pole away; its session ends at once.
     *
     * @throws Refusal when no box hangs there
     */
    @Transactional
    public void revoke(ControllerId controller) {
        var unit = unitOf(controller);
        credentials.revoke(unit);
        audit.record("delivery.revoked", unit.value(), "");
        durability.confirm();
    }

    private DeviceId unitOf(ControllerId controller) {
        return fleet.unitOf(controller).orElseThrow(() -> new Refusal("unit", "delivery.refused.noUnit"));
    }

    /**
     * The roots that have signed the newest key document: a box that begins with them can check it. A document that changes the
     * roots is signed by those before it [KEY-1b], so new ones are pinned only once they have signed something themselves.
     */
    private List<RootKey> roots() {
        var signers = keys.roots();
        List<RootKey> changed = null;
        for (var document : documents.keyHistory()) {
            if (changed != null) {
                signers = changed;
            }
            changed = document.document() instanceof Keys set ? set.roots() : null;
        }
        return signers;
    }

    private List<String> authorities() {
        var ca = brokerSettings.ca();
        if (ca == null) {
            return List.of(tls.caPem());
        }
        try {
            return List.of(tls.caPem(), java.nio.file.Files.readString(ca));
        } catch (java.io.IOException unreadable) {
            throw new java.io.UncheckedIOException("loalang.broker.ca cannot be read", unreadable);
        }
    }

    private List<ClaimFile.Broker> brokers() {
        var url = brokerSettings.url();
        if (url != null) {
            return List.of(new ClaimFile.Broker(url.getHost(), url.getPort() > 0 ? url.getPort() : 8883));
        }
        var brokers = new ArrayList<ClaimFile.Broker>();
        brokers.add(new ClaimFile.Broker(addresses.host(), broker.tlsPort()));
        if (server.publicHost() == null && !addresses.host().equals("localhost")) {
            brokers.add(new ClaimFile.Broker("localhost", broker.tlsPort()));
        }
        return brokers;
    }
}

package vn.loalang.delivery;

import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.SubscriptionAuthorizer;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerOutput;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.MqttActivity;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.Retain;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission.SharedSubscription;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.packets.auth.DefaultAuthorizationBehaviour;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands at the embedded broker's door: checks each login against {@link Accounts}, hands out topic rights (protocol
 * §3) and takes what devices publish in without a second trip through the broker.
 */
final class Doorkeeper implements ExtensionMain, SimpleAuthenticator {
    private static final Logger log = LoggerFactory.getLogger(Doorkeeper.class);

    /** Attribute of a connection: number of the secret it logged in with. */
    private static final String ISSUE = "issue";

    /** What takes a message in; must not block. */
    @FunctionalInterface
    interface Inward {
        void accept(String topic, byte[] payload);
    }

    private final Accounts accounts;
    private final String root;
    /** Any topic of an area, and which one that is. */
    private final Pattern areaTopic;

    private final Inward inward;
    /** Sessions exist, and the broker lets us at them, only between the extension's start and stop. */
    private volatile boolean open;

    /**
     * @param root topic root of the deployment with its slash, {@code gb1/<sys>/}; {@code gb1/+/} for a broker of any deployment
     * @param inward where messages under {@code u/} go, except presence, whose wills pass no interceptor
     */
    Doorkeeper(Accounts accounts, String root, Inward inward) {
        this.accounts = accounts;
        this.root = root;
        this.areaTopic = Pattern.compile(Pattern.quote(root).replace("+", "\\E[^/]+\\Q") + "a/([^/]+)/.+");
        this.inward = inward;
    }

    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
        try {
            // Listeners open after this method: nobody is turned away for coming a second early.
            if (!accounts.awaitLoaded(60)) {
                output.preventExtensionStartup("the account registry was not loaded within 60 s");
                return;
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            output.preventExtensionStartup("stopped while starting");
            return;
        }
        Services.securityRegistry().setAuthenticatorProvider(ignored -> this);
        var takeIn = new TakeIn(root + "u/", inward);
        SubscriptionAuthorizer areas = this::area;
        Services.securityRegistry().setAuthorizerProvider(ignored -> areas);
        Services.initializerRegistry().setClientInitializer((client, context) -> {
            var id = client.getClientInformation().getClientId();
            var issue = client.getConnectionInformation()
                    .getConnectionAttributeStore()
                    .getAsString(ISSUE)
                    .orElse("");
            if (!issue.equals(Long.toString(accounts.issueOf(id)))) {
                // Its account changed while it was on its way in, when there was no session yet to be ended.
                kick(id);
            }
            if (accounts.rightsOf(id).orElse(null) instanceof Accounts.Rights.Device) {
                context.addPublishInboundInterceptor(takeIn);
            }
        });
        open = true;
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
        open = false;
        log.debug("Broker door closed");
    }

    @Override
    public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
        var packet = input.getConnectPacket();
        var user = packet.getUserName().orElse("");
        // Read before the login: should the account change in between, the session ends once too often.
        var issue = accounts.issueOf(user);
        var rights = accounts.login(
                        user, packet.getPassword().map(Doorkeeper::bytes).orElse(null))
                .orElse(null);
        if (rights == null || !user.equals(packet.getClientId())) {
            output.failAuthentication(ConnackReasonCode.BAD_USER_NAME_OR_PASSWORD);
            return;
        }
        var permissions = output.getDefaultPermissions();
        permissions.clear();
        permissions.setDefaultBehaviour(DefaultAuthorizationBehaviour.DENY);
        if (rights instanceof Accounts.Rights.Server) {
            var from = input.getConnectionInformation().getInetAddress();
            if (from.filter(InetAddress::isLoopbackAddress).isEmpty()) {
                output.failAuthentication(ConnackReasonCode.NOT_AUTHORIZED);
                return;
            }
            permissions.add(permission(root + "#", MqttActivity.ALL, Retain.ALL));
            // Thousands of presences and documents may wait for us at once.
            output.getClientSettings().setClientQueueSizeMaximum(200_000);
        } else if (rights instanceof Accounts.Rights.Device) {
            permissions.addAll(permissionsOf(user));
            output.getClientSettings().setClientReceiveMaximum(100);
        }
        input.getConnectionInformation().getConnectionAttributeStore().putAsString(ISSUE, Long.toString(issue));
        output.authenticateSuccessfully();
    }

    /**
     * Areas are judged at each subscription by what holds then. Permissions that a session got at its beginning would
     * refuse an area to a box that was just moved there, and to one that was on its way in while it was moved.
     */
    private void area(SubscriptionAuthorizerInput input, SubscriptionAuthorizerOutput output) {
        var topic = areaTopic.matcher(input.getSubscription().getTopicFilter());
        if (topic.matches()
                && accounts.rightsOf(input.getClientInformation().getClientId()).orElse(null)
                        instanceof Accounts.Rights.Device device
                && device.areas().contains(topic.group(1))) {
            output.authorizeSuccessfully();
            return;
        }
        output.nextExtensionOrDefault();
    }

    private List<TopicPermission> permissionsOf(String id) {
        var permissions = new ArrayList<TopicPermission>();
        permissions.add(permission(root + "keys", MqttActivity.SUBSCRIBE, Retain.ALL));
        permissions.add(permission(root + "d/" + id + "/#", MqttActivity.SUBSCRIBE, Retain.ALL));
        // Only presence is kept by the broker: retained rubbish under other names would fill its memory.
        permissions.add(permission(root + "u/" + id + "/st", MqttActivity.PUBLISH, Retain.ALL));
        permissions.add(permission(root + "u/" + id + "/#", MqttActivity.PUBLISH, Retain.NOT_RETAINED));
        return permissions;
    }

    private static TopicPermission permission(String filter, MqttActivity activity, Retain retain) {
        return Builders.topicPermission()
                .topicFilter(filter)
                .activity(activity)
                .retain(retain)
                .sharedSubscription(SharedSubscription.NOT_SHARED)
                .build();
    }

    /** Ends a session at once, if there is one. Call after the accounts are changed, or it just comes back. */
    void kick(String clientId) {
        if (!open) {
            return;
        }
        var unused = Services.clientService().disconnectClient(clientId, false).whenComplete((was, failure) -> {
            if (failure != null) {
                log.warn("Session of {} could not be ended; its account no longer admits it again", clientId, failure);
            }
        });
    }

    private static byte[] bytes(ByteBuffer buffer) {
        var copy = buffer.duplicate();
        var bytes = new byte[copy.remaining()];
        copy.get(bytes);
        return bytes;
    }

    /** Takes a device's message straight to us; the broker then acknowledges it and delivers it to nobody. */
    private record TakeIn(String prefix, Inward inward) implements PublishInboundInterceptor {
        @Override
        public void onInboundPublish(
                com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundInput input,
                com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundOutput output) {
            var packet = input.getPublishPacket();
            var topic = packet.getTopic();
            if (!topic.startsWith(prefix) || topic.endsWith("/st")) {
                return;
            }
            // The topic right is checked after interceptors run, so the binding to the sender is checked here too.
            var id = input.getClientInformation().getClientId();
            if (topic.startsWith(id + "/", prefix.length())) {
                inward.accept(topic, packet.getPayload().map(Doorkeeper::bytes).orElse(new byte[0]));
                output.preventPublishDelivery();
            }
        }
    }
}

package vn.loalang.simulator;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import vn.loalang.controller.core.Output;

/**
 * One MQTT 3.1.1 session of one simulated controller: clean, with a last will, never made again by itself. Lives on one event
 * loop; everything is called on that loop's thread.
 */
final class MqttLink extends SimpleChannelInboundHandler<MqttMessage> {
    private static final int LARGEST_MESSAGE = 1 << 16;
    /** From opening until the broker has accepted, as the real controller waits. */
    private static final int CONNECT_MS = 15_000;

    private static final int REFUSED = 0x80;
    private static final int IDS = 0xffff;

    /** Hears of everything; on the loop's thread. */
    interface Listener {
        /** The broker accepted the session. */
        void up();

        /** The session is over or never came to be; called once, and last. */
        void down();

        /** A message arrived. */
        void received(String topic, byte[] payload);

        /** The broker refused to let us hear this topic. */
        void refused(String topic);
    }

    /**
     * Where the broker is.
     *
     * @param tls null for plain TCP
     */
    record Address(String host, int port, @Nullable SslContext tls) {}

    /** How to log in; the user is also the client id. */
    record Login(String user, String password) {}

    private final Listener listener;
    private final Login login;
    private final Output.Connect order;
    private final Map<Integer, List<String>> subscribing = new HashMap<>();
    private @Nullable Channel channel;
    private int lastId;
    private boolean accepted;
    private boolean over;

    private MqttLink(Listener listener, Login login, Output.Connect order) {
        this.listener = listener;
        this.login = login;
        this.order = order;
    }

    /** Begins to connect. */
    static MqttLink open(EventLoop loop, Address where, Login login, Output.Connect order, Listener listener) {
        var link = new MqttLink(listener, login, order);
        new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel fresh) {
                        var pipeline = fresh.pipeline();
                        var tls = where.tls();
                        if (tls != null) pipeline.addLast(tls.newHandler(fresh.alloc(), where.host(), where.port()));
                        pipeline.addLast(
                                MqttEncoder.INSTANCE,
                                new MqttDecoder(LARGEST_MESSAGE),
                                // A ping before the broker loses patience; silence of twice that is a dead link.
                                new IdleStateHandler(2 * order.keepAliveSeconds(), order.keepAliveSeconds() * 4 / 5, 0),
                                link);
                    }
                })
                .connect(where.host(), where.port())
                .addListener((ChannelFutureListener) attempt -> {
                    if (!attempt.isSuccess()) link.end();
                });
        // A broker to which thousands come at once lets connections be made that it has no room for, and never answers.
        var unused = loop.schedule(link::insist, CONNECT_MS, TimeUnit.MILLISECONDS);
        return link;
    }

    private void insist() {
        if (!accepted && !over) lose();
    }

    void subscribe(List<String> topics) {
        var id = nextId();
        subscribing.put(id, topics);
        var message = MqttMessageBuilders.subscribe().messageId(id);
        topics.forEach(topic -> message.addSubscription(MqttQoS.AT_LEAST_ONCE, topic));
        write(message.build());
    }

    void unsubscribe(List<String> topics) {
        var message = MqttMessageBuilders.unsubscribe().messageId(nextId());
        topics.forEach(message::addTopicFilter);
        write(message.build());
    }

    void publish(String topic, int qos, boolean retained, byte[] payload) {
        var message = MqttMessageBuilders.publish()
                .topicName(topic)
                .qos(MqttQoS.valueOf(qos))
                .retained(retained)
                .payload(Unpooled.wrappedBuffer(payload));
        if (qos > 0) message.messageId(nextId());
        write(message.build());
    }

    /** Ends the session in good order. */
    void leave() {
        over = true;
        var live = channel;
        if (live != null) {
            var unused = live.writeAndFlush(MqttMessage.DISCONNECT).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** The power is gone: no goodbye, and nobody is told here. */
    void cut() {
        over = true;
        close(channel);
    }

    /** The network is gone; the listener hears of it. */
    void lose() {
        close(channel);
        end();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (over) {
            close(context.channel());
            return;
        }
        channel = context.channel();
        write(MqttMessageBuilders.connect()
                .protocolVersion(MqttVersion.MQTT_3_1_1)
                .cleanSession(true)
                .clientId(login.user())
                .username(login.user())
                .password(login.password().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .hasUser(true)
                .hasPassword(true)
                .keepAlive(order.keepAliveSeconds())
                .willFlag(true)
                .willTopic(order.willTopic())
                .willMessage(order.will().toArray())
                .willQoS(MqttQoS.AT_LEAST_ONCE)
                .willRetain(true)
                .build());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        close(context.channel());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof IdleStateEvent idle)) return;
        if (idle.state() == IdleState.READER_IDLE) close(context.channel());
        else write(MqttMessage.PINGREQ);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
        if (message.decoderResult().isFailure()) {
            close(context.channel());
            return;
        }
        if (over) return;
        if (message instanceof MqttPublishMessage publish) {
            var payload = ByteBufUtil.getBytes(publish.payload());
            if (publish.fixedHeader().qosLevel() == MqttQoS.AT_LEAST_ONCE) {
                write(MqttMessageBuilders.pubAck()
                        .packetId(publish.variableHeader().packetId())
                        .build());
            }
            listener.received(publish.variableHeader().topicName(), payload);
        } else if (message instanceof MqttConnAckMessage answer) {
            accepted = answer.variableHeader().connectReturnCode() == MqttConnectReturnCode.CONNECTION_ACCEPTED;
            if (accepted) listener.up();
            else close(context.channel());
        } else if (message instanceof MqttSubAckMessage answer) {
            var topics = subscribing.remove(answer.variableHeader().messageId());
            var granted = answer.payload().grantedQoSLevels();
            if (topics == null) return;
            for (var i = 0; i < Math.min(granted.size(), topics.size()); i++) {
                if (granted.get(i) >= REFUSED) listener.refused(topics.get(i));
            }
        }
    }

    private void end() {
        if (over) return;
        over = true;
        listener.down();
    }

    private void write(MqttMessage message) {
        var live = channel;
        if (live == null) {
            ReferenceCountUtil.release(message);
            return;
        }
        // A write that fails closes the channel, which says it to everybody.
        var unused = live.writeAndFlush(message, live.voidPromise());
    }

    private static void close(@Nullable Channel old) {
        if (old != null) {
            var unused = old.close();
        }
    }

    private int nextId() {
        lastId = lastId % IDS + 1;
        return lastId;
    }
}

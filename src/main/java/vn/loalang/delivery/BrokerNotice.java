package vn.loalang.delivery;

import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;
import vn.loalang.access.Role;
import vn.loalang.web.Notice;

/** Says on every page that nothing leaves the server at the moment, and what becomes of orders meanwhile. */
@Component
class BrokerNotice implements Notice {
    private final Broker broker;

    BrokerNotice(Broker broker) {
        this.broker = broker;
    }

    @Override
    public Role role() {
        return Role.OPERATOR;
    }

    @Override
    public Optional<Shown> now() {
        return broker.away() ? Optional.of(new Shown("delivery.broker.away", List.of())) : Optional.empty();
    }
}

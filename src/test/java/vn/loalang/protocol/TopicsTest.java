package vn.loalang.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    private static final String ID = "47VEBOR77OZPV6OS";
    private static final DeviceId DEVICE = new DeviceId(ID);
    private final Topics topics = new Topics(new SystemId("vn37"));

    @Test
    void namesAreAsTheProtocolSays() {
        assertThat(topics.keys()).isEqualTo("gb1/vn37/keys");
        assertThat(topics.keys(new AreaPath("37.14329"))).isEqualTo("gb1/vn37/a/37.14329/keys");
        assertThat(topics.plan(DEVICE)).isEqualTo("gb1/vn37/d/" + ID + "/plan");
        assertThat(topics.now(Scope.of(new AreaPath("37")), new Kid("e1"))).isEqualTo("gb1/vn37/a/37/now/e1");
        assertThat(topics.ev(DEVICE)).isEqualTo("gb1/vn37/u/" + ID + "/ev");
        assertThat(topics.fromAll(Topic.Kind.HELLO)).isEqualTo("gb1/vn37/u/+/hello");
        assertThat(topics.fromAll(Topic.Kind.REP)).isEqualTo("gb1/vn37/u/+/rep/+");
        assertThat(topics.readable(DEVICE, List.of(new AreaPath("37"))))
                .containsExactly("gb1/vn37/keys", "gb1/vn37/d/" + ID + "/#", "gb1/vn37/a/37/#");
        assertThat(topics.writable(DEVICE)).isEqualTo("gb1/vn37/u/" + ID + "/#");
    }

    @ParameterizedTest
    @CsvSource({
        "keys,KEYS,*",
        "a/37/keys,KEYS,a/37",
        "d/47VEBOR77OZPV6OS/site,SITE,d/47VEBOR77OZPV6OS",
        "d/47VEBOR77OZPV6OS/rsp,RSP,d/47VEBOR77OZPV6OS",
        "a/37/now/e1,NOW,a/37",
        "a/37.1/ses,SES,a/37.1",
        "u/47VEBOR77OZPV6OS/st,ST,d/47VEBOR77OZPV6OS",
        "u/47VEBOR77OZPV6OS/rep/c-1,REP,d/47VEBOR77OZPV6OS",
        "a/37/man/0011223344556677,MAN,a/37"
    })
    void topicsAreTakenApart(String tail, Topic.Kind kind, String scope) {
        Topic topic = topics.parse("gb1/vn37/" + tail).orElseThrow();
        assertThat(topic.kind()).isEqualTo(kind);
        assertThat(topic.scope().wire()).isEqualTo(scope);
        assertThat(topic.tail().isPresent()).isEqualTo(kind.hasTail());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "gb1/vn37",
                "gb1/vn37/",
                "gb1/vn38/keys",
                "gb2/vn37/keys",
                "gb1/vn37/keys/x",
                "gb1/vn37/site",
                "gb1/vn37/d/47VEBOR77OZPV6OS",
                "gb1/vn37/d/47VEBOR77OZPV6OS/hello",
                "gb1/vn37/u/47VEBOR77OZPV6OS/plan",
                "gb1/vn37/u/short/ev",
                "gb1/vn37/a/37/site",
                "gb1/vn37/a//keys",
                "gb1/vn37/d/47VEBOR77OZPV6OS/keys",
                "gb1/vn37/a/37/now",
                "gb1/vn37/d/47VEBOR77OZPV6OS/plan/x",
                "$SYS/broker"
            })
    void everythingElseIsNotOurs(String topic) {
        assertThat(topics.parse(topic)).isEmpty();
    }

    @Test
    void documentsKnowWhereTheyArePublished() {
        Topics ours = new Topics(Vectors.SYS);
        assertThat(ours.of(Vectors.keySet())).contains(ours.keys());
        assertThat(ours.of(Vectors.areaKeys(Vectors.T0))).contains(ours.keys(Vectors.COMMUNE));
        assertThat(ours.of(Vectors.standardPlan())).contains(ours.plan(Vectors.ID));
        assertThat(ours.of(Vectors.welcomeOf(Vectors.T1, Vectors.NONCE))).isEqualTo(Optional.empty());
    }
}

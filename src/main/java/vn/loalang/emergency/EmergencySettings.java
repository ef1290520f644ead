package vn.loalang.emergency;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings under {@code loalang.emergency} of what is said and to whom.
 *
 * @param wideControllers an alert for more poles than this is wide: it needs a second person
 * @param wideAreas an alert for poles of more communes than this is wide too
 * @param examples whether the first start into an empty database brings example sirens and messages
 * @param drillWords whether controllers are given words to speak before and after a drill while nobody else's are pinned; without
 *     any they sound a chime
 */
@ConfigurationProperties("loalang.emergency")
public record EmergencySettings(
        @DefaultValue("300") int wideControllers,
        @DefaultValue("3") int wideAreas,
        @DefaultValue("true") boolean examples,
        @DefaultValue("true") boolean drillWords) {
    public EmergencySettings {
        if (wideControllers < 1 || wideAreas < 1) {
            throw new IllegalArgumentException(
                    "loalang.emergency.wide-controllers and loalang.emergency.wide-areas must be at least 1");
        }
    }
}

package vn.loalang.emergency;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import vn.loalang.area.Refusal;
import vn.loalang.audio.RecordingId;

/**
 * A message in one language.
 *
 * @param language BCP 47 tag
 * @param text what is said, 1 to 4,000 characters; also read out from paper by hand loudspeaker
 * @param recording its sound; null while there is none, then loudspeakers do not say it
 */
public record Spoken(String language, String text, @Nullable RecordingId recording) {
    static final int LONGEST = 4_000;

    private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}");

    public Spoken {
        language = language.strip();
        text = text.strip();
        if (!LANGUAGE.matcher(language).matches()) {
            throw new Refusal("language", "emergency.refused.language");
        }
        if (text.isEmpty() || text.length() > LONGEST) {
            throw new Refusal("text", "emergency.refused.spoken", LONGEST);
        }
    }
}

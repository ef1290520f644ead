package vn.loalang.audio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FileNamesTest {

    @Test
    void onlyTheVisibleLastPartOfAPathIsLeft() {
        assertThat(FileNames.clean("../../etc/passwd")).isEqualTo("passwd");
        assertThat(FileNames.clean("C:\\Users\\Hoa\\bản tin.mp3")).isEqualTo("bản tin.mp3");
        assertThat(FileNames.clean("gnp.\u202E3pm\u0000\r\n.mp3")).isEqualTo("gnp.3pm.mp3");
        assertThat(FileNames.clean("<img src=x onerror=alert(1)>.mp3")).isEqualTo("<img src=x onerror=alert(1)>.mp3");
        for (var nothing : new String[] {"", "/", "..", "...", "\u0007", "a/", "\u200B"}) {
            assertThat(FileNames.clean(nothing)).as(nothing).isEqualTo("audio");
        }
        assertThat(FileNames.clean("x".repeat(5000) + ".mp3")).hasSize(120);
        assertThat(FileNames.clean("\uD800broken")).isEqualTo("broken");
    }

    @Test
    void theTitleIsTheNameInWords() {
        assertThat(FileNames.title("hop_thon_luyen_phu.mp3")).isEqualTo("hop thon luyen phu");
        assertThat(FileNames.title("Bản tin 22.11.mp3")).isEqualTo("Bản tin 22.11");
        assertThat(FileNames.title(".mp3")).isEqualTo(".mp3");
    }
}

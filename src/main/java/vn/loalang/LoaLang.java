package vn.loalang;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The one entry point of the one jar: the server unless another command is named. */
@SpringBootApplication
public class LoaLang {
    LoaLang() {}

    public static void main(String[] args) {
        SpringApplication.run(LoaLang.class, args);
    }
}

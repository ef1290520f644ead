package vn.loalang.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModule;
import org.springframework.modulith.core.ApplicationModules;
import org.springframework.modulith.core.DependencyDepth;
import vn.loalang.LoaLang;

class ModulesTest {
    static final ApplicationModules MODULES = ApplicationModules.of(LoaLang.class);

    @Test
    void everyModuleUsesOnlyWhatItSaysItUsesAndNoTwoNeedEachOther() {
        MODULES.verify();
    }

    @Test
    void thePictureInTheDocumentationIsTheTruth() throws IOException {
        var truth = picture();
        Files.createDirectories(Path.of("target"));
        Files.writeString(Path.of("target", "modules.md"), truth);
        assertThat(Path.of("docs", "modules.md"))
                .as("the modules changed: look at target/modules.md and copy it to docs/modules.md")
                .hasContent(truth);
    }

    private static String picture() {
        var text = new StringBuilder("# Modules\n\nWritten by `ModulesTest` from the code; an arrow reads \"uses\".\n\n"
                + "```mermaid\nflowchart TD\n");
        var sorted =
                MODULES.stream().sorted(Comparator.comparing(ModulesTest::name)).toList();
        sorted.forEach(module -> text.append("  ").append(name(module)).append('\n'));
        sorted.forEach(module -> module.getDependencies(MODULES, DependencyDepth.IMMEDIATE).stream()
                .map(dependency -> name(dependency.getTargetModule()))
                .distinct()
                .sorted()
                .forEach(target -> text.append("  ")
                        .append(name(module))
                        .append(" --> ")
                        .append(target)
                        .append('\n')));
        text.append("```\n");
        return text.toString();
    }

    private static String name(ApplicationModule module) {
        return module.getIdentifier().toString();
    }

    /** Names of all modules, for tests that look at files. */
    static java.util.Set<String> names() {
        return MODULES.stream().map(ModulesTest::name).collect(Collectors.toSet());
    }
}

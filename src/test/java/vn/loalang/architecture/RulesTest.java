package vn.loalang.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.util.Date;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RestController;
import vn.loalang.LoaLang;

class RulesTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("vn.loalang");

    private static final Set<String> CLOCKS = Set.of(
            "java.time.Instant",
            "java.time.LocalDate",
            "java.time.LocalTime",
            "java.time.LocalDateTime",
            "java.time.ZonedDateTime",
            "java.time.OffsetDateTime",
            "java.time.Year",
            "java.time.YearMonth");

    @Test
    void nobodyLooksAtTheWallClockExceptWhereTheServerGetsItsClock() {
        var looking = new DescribedPredicate<JavaAccess<?>>("look at the wall clock") {
            @Override
            public boolean test(JavaAccess<?> access) {
                var owner = access.getTargetOwner().getName();
                var name = access.getTarget().getName();
                var parameters = access.getTarget()
                                instanceof com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget code
                        ? code.getRawParameterTypes()
                        : java.util.List.<com.tngtech.archunit.core.domain.JavaClass>of();
                var givenAClock = parameters.stream().anyMatch(type -> type.isEquivalentTo(Clock.class));
                return (CLOCKS.contains(owner) && name.equals("now") && !givenAClock)
                        || (owner.equals(System.class.getName()) && name.equals("currentTimeMillis"))
                        || (owner.equals(Clock.class.getName())
                                && (name.startsWith("system") || name.startsWith("tick")))
                        || (owner.equals(Date.class.getName()) && name.equals("<init>") && parameters.isEmpty());
            }
        };
        noClasses()
                .that(not(DescribedPredicate.describe("LoaLang", c -> c.isEquivalentTo(LoaLang.class))))
                .should()
                .accessTargetWhere(looking)
                .because("every decision must be repeatable on a given clock")
                .check(OURS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol", "sound", "controller"})
    void theCoresKnowNothingOfSpring(String module) {
        noClasses()
                .that(resideInAPackage("vn.loalang." + module + ".."))
                .should()
                .dependOnClassesThat(resideInAPackage("org.springframework..")
                        .and(not(resideInAPackage("org.springframework.modulith.."))))
                .because("they also run on a pole, and in a simulator without a container")
                .check(OURS);
    }

    @Test
    void whatIsNeededIsGivenToTheConstructor() {
        noFields().should().beAnnotatedWith(Autowired.class).check(OURS);
        noFields().should().beAnnotatedWith(Value.class).check(OURS);
    }

    @Test
    void pagesAndEndpointsAreNamedSoAndStayInTheirModule() {
        classes()
                .that()
                .areAnnotatedWith(Controller.class)
                .should()
                .haveSimpleNameEndingWith("Pages")
                .andShould()
                .notBePublic()
                .check(OURS);
        classes()
                .that()
                .areAnnotatedWith(RestController.class)
                .should()
                .haveSimpleNameEndingWith("Endpoint")
                .andShould()
                .notBePublic()
                .check(OURS);
    }

    @Test
    void mqttIsSpokenOnlyAtTheEnds() {
        noClasses()
                .that(not(resideInAnyPackage(
                        "vn.loalang.delivery..",
                        "vn.loalang.controller..",
                        "vn.loalang.simulator..",
                        "vn.loalang.conformance..")))
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.eclipse.paho..", "com.hivemq.."))
                .check(OURS);
    }

    /** Such a stream keeps its connection until somebody closes it: after twenty the server answers nobody. */
    @Test
    void noQueryIsLeftOpenAsAStream() {
        noClasses()
                .should()
                .callMethod(JdbcClient.MappedQuerySpec.class, "stream")
                .check(OURS);
    }

    @Test
    void quartzWakesOnlyTheTimetable() {
        noClasses()
                .that(not(resideInAPackage("vn.loalang.timetable..")))
                .should()
                .dependOnClassesThat(resideInAPackage("org.quartz.."))
                .check(OURS);
    }
}

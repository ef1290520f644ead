package vn.loalang.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Modulith cannot see SQL: a table belongs to the module that its name begins with. */
class TableOwnershipTest {
    private static final Pattern USE = Pattern.compile(
            "\\b(from|join|into|update|truncate table|alter table)\\s+(?:only\\s+)?([a-z]+)_([a-z0-9_]+)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern DELETE = Pattern.compile("\\bdelete\\s+from\\s+$", Pattern.CASE_INSENSITIVE);
    private static final Pattern CREATED = Pattern.compile(
            "create\\s+(?:unique\\s+)?(table|index)\\s+(?:if not exists\\s+)?([a-z0-9]+)_", Pattern.CASE_INSENSITIVE);

    /** First and last Flyway version of each module's scripts. */
    private static final Map<String, int[]> RANGES =
            Map.of("area", new int[] {100, 149}, "access", new int[] {150, 199}, "web", new int[] {200, 249});

    @Test
    void sqlTouchesOnlyItsOwnModulesTables() {
        var foreign = new ArrayList<String>();
        var modules = ModulesTest.names();
        for (var file : Sources.files(Sources.JAVA, ".java")) {
            var module = Sources.module(file);
            for (var literal : Sources.literals(file)) {
                foreign.addAll(foreignUses(module, literal, modules).stream()
                        .map(use -> file + ": " + use)
                        .toList());
            }
        }
        assertThat(foreign).isEmpty();
    }

    @Test
    void scriptsMakeOnlyTheirOwnModulesTables() {
        var foreign = new ArrayList<String>();
        for (var file : Sources.files(Sources.RESOURCES.resolve("db/migration"), ".sql")) {
            var module = file.getParent().getFileName().toString();
            var matcher = CREATED.matcher(Sources.text(file));
            while (matcher.find()) {
                var owner = matcher.group(2);
                if (!owner.equalsIgnoreCase(module)
                        && !(module.equals("timetable") && owner.equalsIgnoreCase("qrtz"))
                        && !owner.equalsIgnoreCase("idx")) {
                    foreign.add(file + ": " + matcher.group());
                }
            }
            var range = RANGES.get(module);
            if (range != null) {
                var version = Integer.parseInt(file.getFileName().toString().substring(1, 5));
                assertThat(version).as(file.toString()).isBetween(range[0], range[1]);
            }
        }
        assertThat(foreign).isEmpty();
    }

    @Test
    void theAuditLogIsOnlyEverAddedTo() {
        var changing = Pattern.compile(
                "(update\\s+access_audit|delete\\s+from\\s+access_audit|truncate\\s+table\\s+access_audit)",
                Pattern.CASE_INSENSITIVE);
        for (var file : Sources.files(Sources.JAVA, ".java")) {
            assertThat(Sources.literals(file))
                    .noneMatch(literal -> changing.matcher(literal).find());
        }
    }

    @Test
    void theRuleSeesForeignTablesWhenThereAreSome() {
        var modules = java.util.Set.of("area", "fleet", "report", "access");
        assertThat(foreignUses("fleet", "select * from access_person", modules)).hasSize(1);
        assertThat(foreignUses("fleet", "select * from fleet_unit u join area_area a on 1 = 1", modules))
                .isEmpty();
        assertThat(foreignUses("fleet", "update area_area set name = ''", modules))
                .hasSize(1);
        assertThat(foreignUses("fleet", "delete from area_area", modules)).hasSize(1);
        assertThat(foreignUses("report", "select * from fleet_unit join access_person on 1 = 1", modules))
                .isEmpty();
        assertThat(foreignUses("report", "insert into fleet_unit values (1)", modules))
                .hasSize(1);
    }

    private static List<String> foreignUses(String module, String sql, java.util.Set<String> modules) {
        var found = new ArrayList<String>();
        var matcher = USE.matcher(sql);
        while (matcher.find()) {
            var verb = matcher.group(1).toLowerCase(java.util.Locale.ROOT);
            var owner = matcher.group(2).toLowerCase(java.util.Locale.ROOT);
            var known = modules.contains(owner) || owner.equals("qrtz");
            var reads = (verb.equals("from")
                            && !DELETE.matcher(sql.substring(0, matcher.start(2)))
                                    .find())
                    || verb.equals("join");
            var mayRead = owner.equals("area") || module.equals("report");
            var own = owner.equals(module) || (owner.equals("qrtz") && module.equals("timetable"));
            if (known && !own && !(reads && mayRead)) {
                found.add(matcher.group());
            }
        }
        return found;
    }
}

package vn.loalang.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the members of an object by a field table; every deviation is {@code E_SEM} naming the member. */
final class Fields {
    private final Json.Obj object;
    private final String path;

    Fields(Json.Obj object) {
        this(object, "");
    }

    private Fields(Json.Obj object, String path) {
        this.object = object;
        this.path = path;
    }

    boolean has(String name) {
        return object.has(name);
    }

    private Json required(String name) {
        Json value = object.get(name);
        if (value == null) {
            throw Refusal.sem(path + name + " is missing");
        }
        return value;
    }

    private Refusal wrongType(String name, String wanted) {
        return Refusal.sem(path + name + " must be " + wanted);
    }

    long integer(String name, long min, long max) {
        if (!(required(name) instanceof Json.Int number)) {
            throw wrongType(name, "an integer");
        }
        return Refusal.inRange(path + name, number.value(), min, max);
    }

    long integer(String name, long min, long max, long otherwise) {
        return has(name) ? integer(name, min, max) : otherwise;
    }

    /** A moment: Unix milliseconds, not negative. */
    long moment(String name) {
        return integer(name, 0, Limits.MAX_INTEGER);
    }

    int small(String name, int min, int max) {
        return (int) integer(name, min, max);
    }

    int small(String name, int min, int max, int otherwise) {
        return has(name) ? small(name, min, max) : otherwise;
    }

    boolean bool(String name, boolean otherwise) {
        return has(name) ? bool(name) : otherwise;
    }

    boolean bool(String name) {
        if (!(required(name) instanceof Json.Bool bool)) {
            throw wrongType(name, "true or false");
        }
        return bool.value();
    }

    String string(String name) {
        return text(name, required(name));
    }

    private String text(String name, Json value) {
        if (!(value instanceof Json.Str string)) {
            throw wrongType(name, "a string");
        }
        return string.value();
    }

    String string(String name, int longest) {
        String value = string(name);
        Refusal.unless(value.length() <= longest, path + name + " has more than " + longest + " characters");
        return value;
    }

    @Nullable
    String optionalString(String name, int longest) {
        return has(name) ? string(name, longest) : null;
    }

    Json.Obj object(String name) {
        if (!(required(name) instanceof Json.Obj child)) {
            throw wrongType(name, "an object");
        }
        return child;
    }

    Fields fields(String name) {
        return new Fields(object(name), path + name + ".");
    }

    @Nullable
    Fields optionalFields(String name) {
        return has(name) ? fields(name) : null;
    }

    /** A list without limit but the message's own. */
    <T> List<T> list(String name, Function<Json, T> item) {
        return list(name, Integer.MAX_VALUE, item);
    }

    <T> List<T> list(String name, int max, Function<Json, T> item) {
        if (!(required(name) instanceof Json.Arr array)) {
            throw wrongType(name, "an array");
        }
        Refusal.atMost(path + name, array.items().size(), max);
        List<T> items = new ArrayList<>(array.items().size());
        for (Json json : array.items()) {
            items.add(item.apply(json));
        }
        return List.copyOf(items);
    }

    <T> List<T> listOrEmpty(String name, int max, Function<Json, T> item) {
        return has(name) ? list(name, max, item) : List.of();
    }

    <T> List<T> strings(String name, int max, Function<String, T> item) {
        return list(name, max, json -> item.apply(text(name, json)));
    }

    <T> List<T> stringsOrEmpty(String name, int max, Function<String, T> item) {
        return has(name) ? strings(name, max, item) : List.of();
    }

    <T> List<T> objects(String name, int max, Function<Fields, T> item) {
        return list(name, max, json -> {
            if (!(json instanceof Json.Obj child)) {
                throw wrongType(name, "an array of objects");
            }
            return item.apply(new Fields(child, path + name + "[]."));
        });
    }

    <T> List<T> objectsOrEmpty(String name, int max, Function<Fields, T> item) {
        return has(name) ? objects(name, max, item) : List.of();
    }

    /** A list of exactly {@code size} integers in the range. */
    List<Integer> smalls(String name, int max, int from, int to) {
        return list(name, max, json -> {
            if (!(json instanceof Json.Int number)) {
                throw wrongType(name, "an array of integers");
            }
            return (int) Refusal.inRange(path + name, number.value(), from, to);
        });
    }

    /** An object of integers whose names are read by {@code key}; what it does not know is left out. */
    <K> Map<K, Long> moments(String name, Function<String, Optional<K>> key) {
        Map<K, Long> entries = new LinkedHashMap<>();
        for (Map.Entry<String, Json> member : object(name).members().entrySet()) {
            if (!(member.getValue() instanceof Json.Int number)) {
                throw wrongType(name, "an object of integers");
            }
            long value = Refusal.inRange(path + name, number.value(), 0, Limits.MAX_INTEGER);
            key.apply(member.getKey()).ifPresent(known -> entries.put(known, value));
        }
        return entries;
    }

    /** A number of any kind; empty when absent. */
    @Nullable
    Double optionalNumber(String name) {
        Json value = object.get(name);
        if (value == null) {
            return null;
        }
        if (value instanceof Json.Int number) {
            return (double) number.value();
        }
        if (value instanceof Json.Dec number) {
            double near = number.value().doubleValue();
            Refusal.unless(Double.isFinite(near), path + name + " is beyond any measurement");
            return near;
        }
        throw wrongType(name, "a number");
    }

    @Nullable
    Long optionalInteger(String name, long min, long max) {
        return has(name) ? integer(name, min, max) : null;
    }

    @Nullable
    Boolean optionalBool(String name) {
        return has(name) ? bool(name) : null;
    }

    Json.Obj raw() {
        return object;
    }
}

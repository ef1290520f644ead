package vn.loalang.controller.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The outputs of one step in order; whatever has an effect outside is preceded by what must be remembered about it. */
final class Outputs {
    private static final int LINES = 100;

    private final Memory memory;
    private final ArrayDeque<String> said = new ArrayDeque<>();
    private List<Output> list = new ArrayList<>();

    Outputs(Memory memory) {
        this.memory = memory;
    }

    void add(Output effect) {
        flush();
        list.add(effect);
        if (effect instanceof Output.Say say) {
            if (said.size() == LINES) said.removeFirst();
            said.addLast(say.line());
        }
    }

    /** The last lines said, oldest first. */
    List<String> recent() {
        return List.copyOf(said);
    }

    /** Takes all outputs of the step; remembered changes without an effect come last. */
    List<Output> take() {
        flush();
        var taken = list;
        list = new ArrayList<>();
        return taken;
    }

    private void flush() {
        var changes = memory.takeChanges();
        if (!changes.isEmpty()) list.add(new Output.Persist(changes));
    }
}

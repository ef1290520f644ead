package vn.loalang.controller.core;

import java.util.ArrayList;
import java.util.List;

/** The outputs of one step in order; whatever has an effect outside is preceded by what must be remembered about it. */
final class Outputs {
    private final Memory memory;
    private List<Output> list = new ArrayList<>();

    Outputs(Memory memory) {
        this.memory = memory;
    }

    void add(Output effect) {
        flush();
        list.add(effect);
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

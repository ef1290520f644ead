package vn.loalang.area;

import java.util.List;

/**
 * What a person or program asked for is refused, and nothing was changed. Pages show it as a sentence beside the field,
 * programs get an RFC 9457 problem with status 422.
 */
public class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String messageKey;
    private final transient List<Object> arguments;

    /**
     * @param field the input it is about, as named in the form or JSON; empty when it is about the whole
     * @param messageKey key of the sentence in {@code messages_*.properties}
     * @param arguments what the sentence's placeholders stand for
     */
    public Refusal(String field, String messageKey, Object... arguments) {
        super(messageKey + " " + List.of(arguments));
        this.field = field;
        this.messageKey = messageKey;
        this.arguments = List.of(arguments);
    }

    /** The input it is about; empty when it is about the whole. */
    public String field() {
        return field;
    }

    /** Key of the sentence. */
    public String messageKey() {
        return messageKey;
    }

    /** What the sentence's placeholders stand for. */
    public Object[] arguments() {
        return arguments.toArray();
    }
}

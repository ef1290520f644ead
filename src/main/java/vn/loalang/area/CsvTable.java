package vn.loalang.area;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A comma- or semicolon-separated text as RFC 4180 has it, each record with the number of the line where it begins. Which
 * of the two separates is decided by the first line, as spreadsheets here write semicolons.
 */
record CsvTable(List<Row> rows) {
    /**
     * One record.
     *
     * @param line where it begins, from 1
     * @param cells its values, without surrounding spaces
     */
    record Row(int line, List<String> cells) {}

    /** The text is not what it should be, from this line on. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        private final int line;
        private final String messageKey;

        Malformed(int line, String messageKey) {
            super(messageKey + " in line " + line);
            this.line = line;
            this.messageKey = messageKey;
        }

        int line() {
            return line;
        }

        String messageKey() {
            return messageKey;
        }
    }

    /** Reads UTF-8, with or without a byte order mark. */
    static CsvTable read(byte[] bytes) throws Malformed {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed(lineOfFirstFault(bytes), "area.import.fault.encoding");
        }
        return read(text.startsWith("\uFEFF") ? text.substring(1) : text);
    }

    private static CsvTable read(String text) throws Malformed {
        var firstLine = text.lines().findFirst().orElse("");
        var separator = firstLine.indexOf(';') >= 0 && firstLine.indexOf(',') < 0 ? ';' : ',';
        var rows = new ArrayList<Row>();
        var cells = new ArrayList<String>();
        var cell = new StringBuilder();
        var quoted = false;
        var line = 1;
        var begin = 1;
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == '\n') {
                line++;
            }
            if (quoted) {
                if (c != '"') {
                    cell.append(c);
                } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    cell.append('"');
                    i++;
                } else {
                    quoted = false;
                }
            } else if (c == '"' && cell.toString().isBlank()) {
                cell.setLength(0);
                quoted = true;
            } else if (c == separator) {
                cells.add(cell.toString().strip());
                cell.setLength(0);
            } else if (c == '\n') {
                finish(rows, cells, cell, begin);
                begin = line;
            } else if (c == 0) {
                throw new Malformed(line, "area.import.fault.encoding");
            } else {
                cell.append(c);
            }
        }
        if (quoted) {
            throw new Malformed(begin, "area.import.fault.quote");
        }
        finish(rows, cells, cell, begin);
        return new CsvTable(rows);
    }

    private static void finish(List<Row> rows, List<String> cells, StringBuilder cell, int begin) {
        cells.add(cell.toString().strip());
        cell.setLength(0);
        if (cells.size() > 1 || !cells.get(0).isEmpty()) {
            rows.add(new Row(begin, List.copyOf(cells)));
        }
        cells.clear();
    }

    private static int lineOfFirstFault(byte[] bytes) {
        var line = 1;
        var start = 0;
        for (var i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '\n') {
                try {
                    var unused = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, i - start));
                } catch (CharacterCodingException e) {
                    return line;
                }
                line++;
                start = i + 1;
            }
        }
        return line;
    }
}

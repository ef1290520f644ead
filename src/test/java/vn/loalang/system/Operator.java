package vn.loalang.system;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.LoadState;
import com.microsoft.playwright.options.SelectOption;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import vn.loalang.browser.Browsers;

/** Does in a real browser what the people of a commune station do, by what they see on the screen. */
final class Operator implements AutoCloseable {
    static final String LOGIN = "admin";
    static final String PASSWORD = "Loa-Lang-2026-thu";

    private final Browsers.Visitor visitor;
    private final Page page;

    Operator(String server) {
        // In these tests the server dies; LivePagesBrowserTest watches that it never hangs up by itself.
        this.visitor = Browsers.desktop(URI.create(server)).expectingError("ERR_CONNECTION");
        this.page = visitor.page();
    }

    Browsers.Visitor visitor() {
        return visitor;
    }

    Page open(String path) {
        return visitor.open(path);
    }

    /** Signs in with the password from the console and replaces it. */
    void signInFirst(String oneTimePassword) {
        visitor.signIn(LOGIN, oneTimePassword);
        page.fill("#current", oneTimePassword);
        page.fill("#next", PASSWORD);
        page.fill("#again", PASSWORD);
        page.click("main button.primary");
        page.waitForURL(url -> !url.contains("/password"));
    }

    void signIn() {
        visitor.signIn(LOGIN, PASSWORD);
    }

    /** Adds a commune at the top of the tree whose quiet hours are off, so that the test may sound at any hour. */
    void addCommuneWithoutQuietHours(String name, String code) {
        open("/admin/areas");
        page.fill("#a-name", name);
        page.fill("#a-code", code);
        page.click("form[action='/admin/areas/add'] button.primary");
        open("/admin/areas");
        page.click("main .list a:has-text('" + name + "')");
        page.check("form[action='/admin/areas/quiet'] input[value=off]");
        page.click("form[action='/admin/areas/quiet'] button");
        page.waitForLoadState();
    }

    /** Adds a pole, hangs the box with this label on it and keeps its claim file; returns the pole's number. */
    long addPole(String name, String area, String label, Path claimFile) {
        open("/fleet/new");
        page.fill("#name", name);
        page.selectOption("#area", new SelectOption().setLabel(area));
        page.click("main form .primary");
        page.waitForURL("**/fleet/*");
        long id = Long.parseLong(page.url().substring(page.url().lastIndexOf('/') + 1));
        page.fill("#unit", label);
        page.click("form[action='/fleet/" + id + "/box'] button");
        page.waitForURL("**/fleet/" + id);
        Locator claim = page.locator("form[action='/fleet/" + id + "/claim']");
        page.click("summary:has(+ form[action='/fleet/" + id + "/claim'])");
        Download download = page.waitForDownload(() -> claim.locator("button").click());
        download.saveAs(claimFile);
        return id;
    }

    /** Uploads a recording and waits until it stands in the library. */
    void upload(Path file) {
        open("/library");
        page.setInputFiles("#file", file);
        page.waitForSelector(".upload-item .status.ok", new Page.WaitForSelectorOptions().setTimeout(60_000));
    }

    /** Puts the newest recording into a slot of its own for these poles. */
    void createSlot(LocalDate date, LocalTime start, List<Long> poles) {
        open("/timetable/new");
        page.check("input[name=recording] >> nth=0");
        page.fill("#start", start.format(DateTimeFormatter.ofPattern("HH:mm")));
        page.fill("#date", date.format(DateTimeFormatter.ofPattern("dd/MM/uuuu")));
        page.click("#where label:has(input[value=CHOSEN])");
        for (Locator group :
                page.locator(".places details:not([open]) > summary").all()) {
            group.click();
        }
        for (long pole : poles) {
            page.check("input[name=controller][value='" + pole + "']");
        }
        page.click("#slot-save");
        page.waitForSelector("[data-toast], #slot-form .field-error");
        if (page.locator("[data-toast]").count() == 0) {
            throw new AssertionError("The slot was refused: "
                    + page.locator("#slot-form .field-error").allTextContents());
        }
    }

    /** Waits until a page shows a text, loading it anew until it does. */
    void awaitText(String path, String selector, String text, Duration atMost) {
        Await.until(path + " shows " + text, atMost, () -> {
            open(path);
            page.waitForLoadState(LoadState.LOAD);
            page.waitForTimeout(400);
            return page.locator(selector).first().textContent().contains(text);
        });
    }

    String text(String path, String selector) {
        open(path);
        return page.locator(selector)
                .first()
                .textContent()
                .replaceAll("\\s+", " ")
                .strip();
    }

    @Override
    public void close() {
        visitor.close();
    }
}

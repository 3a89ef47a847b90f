package chartkeep.foreign;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the test's driver sees of the gate and sets at it: {@code GET} tells what was decided since the
 * last one; {@code PUT ?clock=SECONDS} sets the server's clock so far from the true one, {@code
 * PUT ?pace=MILLISECONDS} how long each request waits before it goes on.
 */
final class Journal extends HttpServlet {
    private static final long serialVersionUID = 1;

    /** One request at the gate: what was decided, and the address asked for. */
    record Entry(String decision, String address) {}

    private final transient ObjectMapper json = new ObjectMapper();
    private final transient List<Entry> entries = new ArrayList<>();
    private volatile long clockOffset;
    private volatile long pace;

    /** Unix milliseconds by the server's clock. */
    long now() {
        return System.currentTimeMillis() + clockOffset;
    }

    /** Holds a request up for as long as the driver wants. */
    void holdUp() throws InterruptedIOException {
        try {
            Thread.sleep(pace);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    synchronized void note(String decision, HttpServletRequest request) {
        var query = request.getQueryString();
        var path = request.getPathInfo() == null ? "" : request.getPathInfo();
        entries.add(new Entry(decision, query == null ? path : path + "?" + query));
    }

    private synchronized List<Entry> taken() {
        var taken = List.copyOf(entries);
        entries.clear();
        return taken;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("application/json");
        json.writeValue(response.getOutputStream(), taken());
    }

    @Override
    protected void doPut(HttpServletRequest request, HttpServletResponse response) {
        var clock = request.getParameter("clock");
        if (clock != null) {
            clockOffset = 1000 * Long.parseLong(clock);
        }
        var pace = request.getParameter("pace");
        if (pace != null) {
            this.pace = Long.parseLong(pace);
        }
    }
}

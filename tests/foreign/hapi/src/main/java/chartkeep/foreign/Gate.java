package chartkeep.foreign;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Stands before the FHIR server: it serves the SMART configuration, lets {@code metadata} through, and
 * asks a token of everything else. Whose resources the token opens is for {@link RecordRules}.
 */
final class Gate implements Filter {
    private static final String BEARER = "Bearer ";

    private final Introspection introspection;
    private final byte[] smartConfiguration;
    private final Journal journal;

    Gate(Introspection introspection, String smartConfiguration, Journal journal) {
        this.introspection = introspection;
        this.smartConfiguration = smartConfiguration.getBytes(StandardCharsets.UTF_8);
        this.journal = journal;
    }

    @Override
    public void doFilter(ServletRequest any, ServletResponse answer, FilterChain chain)
            throws IOException, ServletException {
        var request = (HttpServletRequest) any;
        var response = (HttpServletResponse) answer;
        response.setDateHeader("Date", journal.now());
        switch (String.valueOf(request.getPathInfo())) {
            case "/.well-known/smart-configuration" -> {
                response.setContentType("application/json");
                response.getOutputStream().write(smartConfiguration);
            }
            case "/metadata" -> chain.doFilter(request, response);
            default -> {
                var caller = admitted(request, response);
                if (caller.isPresent()) {
                    journal.holdUp();
                    request.setAttribute(Caller.ATTRIBUTE, caller.get());
                    chain.doFilter(request, response);
                }
            }
        }
    }

    /** The caller, or empty after a refusal. What was decided is noted before anything is sent. */
    private Optional<Caller> admitted(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        var header = request.getHeader("Authorization");
        if (header == null || !header.startsWith(BEARER)) {
            return refused(request, response, 401, "Bearer");
        }
        var caller = introspection.caller(header.substring(BEARER.length()));
        if (caller.isEmpty()) {
            return refused(request, response, 401, "Bearer error=\"invalid_token\"");
        }
        if (!caller.get().isService() && !caller.get().readsRecord()) {
            return refused(request, response, 403, "Bearer error=\"insufficient_scope\"");
        }
        journal.note("admitted", request);
        return caller;
    }

    private Optional<Caller> refused(
            HttpServletRequest request, HttpServletResponse response, int status, String challenge) {
        journal.note(String.valueOf(status), request);
        response.setHeader("WWW-Authenticate", challenge);
        response.setStatus(status);
        return Optional.empty();
    }
}

package chartkeep.foreign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/** Asks the authorization server what a token is good for (RFC 7662). Nothing is remembered. */
final class Introspection {
    private static final Duration WITHIN = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final URI endpoint;
    private final String basic;

    Introspection(URI endpoint, String clientId, String secret) {
        this.endpoint = endpoint;
        byte[] pair = (encoded(clientId) + ":" + encoded(secret)).getBytes(StandardCharsets.UTF_8);
        this.basic = "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /** Empty for a token that is not active. */
    Optional<Caller> caller(String token) throws IOException {
        var body = "token_type_hint=access_token&token=" + encoded(token);
        var request = HttpRequest.newBuilder(endpoint)
                .timeout(WITHIN)
                .header("Authorization", basic)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer;
        try {
            answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
        if (answer.statusCode() != 200) {
            throw new IOException("introspection answered " + answer.statusCode());
        }
        JsonNode told = json.readTree(answer.body());
        if (!told.path("active").asBoolean(false)) {
            return Optional.empty();
        }
        return Optional.of(new Caller(
                told.path("scope").asText(""), told.path("patient").asText(null)));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
